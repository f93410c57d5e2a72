import { Layout, renderPage } from './layout.tsx';
import { neutralise } from './plain-text.ts';

/** A page for a request that cannot be answered: what went wrong, in words that are not taken from the request. */
export function renderErrorPage(error: {
  readonly title: string;
  readonly text: string;
  readonly installName: string;
}): string {
  return renderPage(
    <Layout title="This did not work" installName={error.installName}>
      <h1>This did not work</h1>
      <p>{neutralise(error.text)}</p>
      <p class="soft">{`The error is called ${neutralise(error.title)}. Go back to the terminal and start again.`}</p>
    </Layout>,
  );
}
