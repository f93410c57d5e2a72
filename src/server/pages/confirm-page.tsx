import { removeHidden } from '../../core/text.ts';
import type { Instant } from '../../core/time.ts';
import type { PendingDevice } from '../oauth/login/device-login.ts';
import type { SessionLimits } from '../oauth/provider/token-hooks.ts';
import { ApproveOrDeny } from './approve-or-deny.tsx';
import { Layout, Message, renderPage } from './layout.tsx';
import { LoginFacts } from './login-facts.tsx';

export type ConfirmPageProps = {
  readonly installName: string;
  readonly device: PendingDevice;
  readonly personName: string;
  readonly limits: SessionLimits;
  readonly csrf: string;
  readonly now: Instant;
  readonly timeZone: string;
};

/** Shows what is about to be let in, and asks whether that is the person looking at it (DEV-12). */
export function renderConfirmPage(props: ConfirmPageProps): string {
  const { device, personName } = props;
  const other = `/device?user_code=${encodeURIComponent(device.userCode)}&as=other`;
  return renderPage(
    <Layout title="Is that you?" installName={props.installName}>
      <h1>Is that you?</h1>
      <p>
        A terminal wants to log in as <strong>{removeHidden(personName)}</strong>. It shows this code:
      </p>
      <p class="code">{device.userCode}</p>
      <LoginFacts {...props} waiting={device} what="the code" />
      <Message kind="notice">
        Approve only what you started yourself, just now. Whoever sent you this code or this link would be
        logged in as you.
      </Message>
      <form method="post" action="/device">
        <input type="hidden" name="csrf" value={props.csrf} />
        <input type="hidden" name="user_code" value={device.userCode} />
        <ApproveOrDeny />
      </form>
      <p class="soft">
        Not {removeHidden(personName)}? <a href={other}>Use another account</a>
      </p>
    </Layout>,
  );
}
