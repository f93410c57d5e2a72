import { renderPage } from '../layout.tsx';
import { toSentence } from './sentence.ts';
import { type Frame, Shell } from './shell.tsx';

/**
 * Leads to the login that policy asks for (RFC 9470). A page and no redirect: a browser holds where a form may lead,
 * redirects included, to this server, and the company's login is elsewhere.
 */
export function renderStepUpPage(props: {
  readonly frame: Frame;
  readonly path: string;
  readonly why: string;
}): string {
  return renderPage(
    <Shell frame={props.frame} title="Log in again" section={null} goTo={props.path}>
      <div class="head">
        <h1>Log in again</h1>
      </div>
      <p>{`${toSentence(props.why)} Nothing was decided yet.`}</p>
      <p>
        <a class="button primary" href={props.path}>
          Log in and come back
        </a>
      </p>
    </Shell>,
  );
}
