import { removeHidden } from '../../core/text.ts';
import { findRequest } from '../http/request-context.ts';
import { Layout, renderPage } from './layout.tsx';

/** A page for a request that cannot be answered: what went wrong, in words that are not taken from the request. */
export function renderErrorPage(error: {
  readonly title: string;
  readonly text: string;
  readonly installName: string;
  /** What to do now, in a sentence. */
  readonly hint?: string;
}): string {
  const hint = error.hint ?? 'Go back to the terminal and start again.';
  const id = findRequest()?.id;
  return renderPage(
    <Layout title="This did not work" installName={error.installName}>
      <h1>This did not work</h1>
      <p>{removeHidden(error.text)}</p>
      <p class="soft">{`The error is called ${removeHidden(error.title)}. ${hint}`}</p>
      {id ? <p class="soft">{`In the server's log this is request ${id}.`}</p> : null}
    </Layout>,
  );
}
