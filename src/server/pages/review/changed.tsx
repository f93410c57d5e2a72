import { formatDuration } from '../../../core/duration-text.ts';
import { removeHidden } from '../../../core/text.ts';
import type { RequestView } from '../../../core/view.ts';

/** What a decision was about, as the form that carried it says. */
export type ShownBefore = { readonly scopes: readonly string[]; readonly durationSeconds: number };

/** Nothing was decided, because the request is not what the reader looked at: says what is different now (APR-03). */
export function Changed(props: { readonly before: ShownBefore; readonly request: RequestView }) {
  const differences = listDifferences(props.before, props.request);
  return (
    <div class="message error" role="alert">
      <strong>This is not what you looked at any more. Nothing was decided.</strong>
      <ul>
        {differences.map((difference) => (
          <li>{removeHidden(difference)}</li>
        ))}
      </ul>
      Look at it again, and then decide.
    </div>
  );
}

function listDifferences(before: ShownBefore, request: RequestView): readonly string[] {
  const gone = before.scopes.filter((scope) => !request.scopes.includes(scope));
  const added = request.scopes.filter((scope) => !before.scopes.includes(scope));
  const found = [
    ...gone.map((scope) => `${scope} is not asked for any more.`),
    ...added.map((scope) => `${scope} is asked for now.`),
    ...(before.durationSeconds === request.durationSeconds
      ? []
      : [
          `It is for ${formatDuration(request.durationSeconds)} now, and was for ${formatDuration(before.durationSeconds)}.`,
        ]),
  ];
  return found.length > 0 ? found : ['What is shown below is what it is now.'];
}
