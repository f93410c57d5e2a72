import type { Clock } from '../../core/ports/clock.ts';
import type { ReadAddress } from '../http/address.ts';
import type { Attempts } from '../oauth/login/attempts.ts';
import type { DeviceLogin, PendingDevice } from '../oauth/login/device-login.ts';
import type { Identity } from '../oauth/login/identity.ts';
import type { SessionLimits } from '../oauth/provider/token-hooks.ts';
import { renderCodePage } from './code-page.tsx';
import { renderConfirmPage } from './confirm-page.tsx';
import type { PageContext } from './page-frame.ts';
import type { WebSessions } from './web-sessions.ts';

export type DevicePageOptions = {
  readonly url: string;
  readonly installName: string;
  readonly timeZone: string;
  readonly clock: Clock;
  readonly identity: Identity;
  readonly deviceLogin: DeviceLogin;
  readonly webSessions: WebSessions;
  readonly attempts: Attempts;
  readonly limits: SessionLimits;
  readonly readAddress: ReadAddress;
};

type Entered = { readonly browserId: string; readonly userCode: string; readonly isRefused: boolean };

/** Asks for the code; with `isRefused` it says that the one that was entered is of no use. */
export function showCodeForm(
  c: PageContext,
  { installName, webSessions }: DevicePageOptions,
  { browserId, userCode, isRefused }: Entered,
): Response {
  const csrf = webSessions.makeCsrf(browserId);
  const page = renderCodePage({ installName, userCode, csrf, isRefused });
  return c.html(page, isRefused ? 400 : 200) as Response;
}

/** Asks whether that is you (DEV-12). */
export function showConfirmation(
  c: PageContext,
  options: DevicePageOptions,
  shown: { readonly device: PendingDevice; readonly browserId: string; readonly personName: string },
): Response {
  const { installName, clock, limits, timeZone } = options;
  const csrf = options.webSessions.makeCsrf(shown.browserId);
  return c.html(
    renderConfirmPage({ installName, ...shown, limits, csrf, now: clock.now(), timeZone }),
  ) as Response;
}
