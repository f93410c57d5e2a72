import { removeHidden } from '../../../../core/text.ts';
import type { RequestView } from '../../../../core/view.ts';
import type { Frame } from '../shell.tsx';

/** In place of a form: nobody decides on their own (APR-01). */
export function OwnRequest({ request, frame }: { readonly request: RequestView; readonly frame: Frame }) {
  const isOpen = request.state === 'pending' || request.state === 'approved';
  return (
    <>
      <h2>This is your own request</h2>
      <p>{describeStanding(request)}</p>
      {request.told.length > 0 ? (
        <p class="soft">{removeHidden(`Told: ${request.told.join(', ')}.`)}</p>
      ) : null}
      {isOpen ? (
        <form method="post" action={`/requests/${request.id}/cancel`}>
          <input type="hidden" name="csrf" value={frame.csrf} />
          <button class="refuse" type="submit">
            Take it back
          </button>
        </form>
      ) : null}
    </>
  );
}

function describeStanding(request: RequestView) {
  if (request.state === 'pending') {
    const people =
      request.canApprove.length > 0 ? request.canApprove.join(', ') : 'people whom jit has not seen yet';
    return removeHidden(`Somebody else decides. Who can: ${people}.`);
  }
  if (request.state === 'approved') {
    return (
      <>
        It is approved. Pick it up in your terminal: <code>{`jit wait ${request.id}`}</code>
      </>
    );
  }
  if (request.afterwards?.state === 'due' || request.afterwards?.state === 'overdue') {
    return 'It was break-glass. Somebody else has to review it.';
  }
  return `It is ${request.state}.`;
}
