import { removeHidden } from '../../core/text.ts';
import type { Instant } from '../../core/time.ts';
import type { SessionLimits } from '../oauth/provider/token-hooks.ts';
import { ApproveOrDeny } from './approve-or-deny.tsx';
import { Layout, Message, renderPage } from './layout.tsx';
import { LoginFacts, type WaitingLogin } from './login-facts.tsx';

export type BrowserConfirmProps = {
  readonly installName: string;
  readonly waiting: WaitingLogin;
  readonly personName: string;
  /** Where the form goes: the page itself. */
  readonly action: string;
  /** Where somebody else logs in. */
  readonly otherPath: string;
  readonly limits: SessionLimits;
  readonly csrf: string;
  readonly now: Instant;
  readonly timeZone: string;
};

/** Shows which program on this machine wants to be let in, and asks whether that is the person looking at it. */
export function renderBrowserConfirmPage(props: BrowserConfirmProps): string {
  const name = removeHidden(props.personName);
  return renderPage(
    <Layout title="Is that you?" installName={props.installName}>
      <h1>Is that you?</h1>
      <p>
        A program on this computer wants to log in as <strong>{name}</strong>.
      </p>
      <LoginFacts {...props} what="this page" />
      <Message kind="notice">
        Approve only what you started yourself, just now: with <span class="value">jit login --browser</span>.
      </Message>
      <form method="post" action={props.action}>
        <input type="hidden" name="csrf" value={props.csrf} />
        <ApproveOrDeny />
      </form>
      <p class="soft">
        Not {name}? <a href={props.otherPath}>Use another account</a>
      </p>
    </Layout>,
  );
}
