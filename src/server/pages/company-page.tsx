import { removeHidden } from '../../core/text.ts';
import { Layout, renderPage } from './layout.tsx';

/** On the way to the company's provider: goes on by itself, and has a link where a browser does not. */
export function renderLeavingPage(props: {
  readonly installName: string;
  readonly address: string;
  readonly issuer: string;
}): string {
  const host = new URL(props.issuer).host;
  return renderPage(
    <Layout title="Logging in" installName={props.installName} goTo={props.address}>
      <h1>Logging in</h1>
      <p>
        The login is at{' '}
        <a id="company" href={props.address}>
          {host}
        </a>
        ; you are on your way there.
      </p>
    </Layout>,
  );
}

/** A login at the company's provider that came to nothing. */
export function renderLoginFailedPage(props: {
  readonly installName: string;
  readonly text: string;
  readonly retry: string;
}): string {
  return renderPage(
    <Layout title="The login did not work" installName={props.installName}>
      <h1>The login did not work</h1>
      <p role="alert">{removeHidden(props.text)}</p>
      <p>
        <a href={props.retry}>Try again</a>
      </p>
    </Layout>,
  );
}
