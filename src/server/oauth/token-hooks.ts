import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Clock } from '../../core/ports/clock.ts';
import { SECOND_MS } from '../../core/time.ts';
import type { RecordSessionEvent } from './events.ts';
import { isPlainRecord } from './json.ts';

/** How long a session lasts: in all, and since it was last refreshed. */
export type SessionLimits = { readonly sessionSeconds: number; readonly idleSeconds: number };

type HookOptions = {
  readonly clock: Clock;
  readonly limits: SessionLimits;
  readonly pollIntervalSeconds: number;
  readonly onEvent: RecordSessionEvent;
};

/**
 * What happens between the provider's answer and its sending: a new session is recorded, a refresh moves the idle end,
 * and a device login is told how often to poll.
 */
export async function finishAnswer(context: KoaContextWithOIDC, options: HookOptions): Promise<void> {
  if (context.status !== 200) return;
  const { route, entities } = context.oidc;
  if (route === 'device_authorization' && isPlainRecord(context.body)) {
    context.body = { ...context.body, interval: options.pollIntervalSeconds };
  }
  if (route !== 'token' || !entities.RefreshToken) return;
  if (entities.DeviceCode || entities.AuthorizationCode) await recordStart(context, options.onEvent);
  else await moveIdleEnd(context, options);
}

async function recordStart({ oidc }: KoaContextWithOIDC, onEvent: RecordSessionEvent): Promise<void> {
  const { DeviceCode: code, RefreshToken: token } = oidc.entities;
  if (!token?.grantId || !token.accountId) return;
  const device = isPlainRecord(code?.deviceInfo) ? code.deviceInfo : {};
  const params = isPlainRecord(code?.params) ? code.params : {};
  await onEvent({
    kind: 'session.started',
    subject: token.accountId,
    sessionId: token.grantId,
    detail: {
      method: code ? 'device' : 'browser',
      address: typeof device.address === 'string' ? device.address : null,
      host: typeof params.jit_host === 'string' ? params.jit_host : null,
    },
  });
}

/** The token stays the same (OAU-04); only its end moves, and never past the session's own. */
async function moveIdleEnd({ oidc }: KoaContextWithOIDC, { clock, limits }: HookOptions): Promise<void> {
  const token = oidc.entities.RefreshToken;
  if (!token?.iiat) return;
  const nowSeconds = Math.floor(clock.now() / SECOND_MS);
  token.exp = Math.min(nowSeconds + limits.idleSeconds, token.iiat + limits.sessionSeconds);
  await token.save();
}
