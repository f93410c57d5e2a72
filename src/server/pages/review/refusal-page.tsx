import { removeHidden } from '../../../core/text.ts';
import { Layout, renderPage } from '../layout.tsx';

/** What was asked for is not there, or may not be had by whoever asks. The same words for both. */
export function renderRefusalPage(props: { readonly installName: string; readonly text: string }): string {
  return renderPage(
    <Layout title="This did not work" installName={props.installName}>
      <h1>This did not work</h1>
      <p>{removeHidden(props.text)}</p>
      <p>
        <a href="/inbox">Go to the inbox</a>
      </p>
    </Layout>,
  );
}
