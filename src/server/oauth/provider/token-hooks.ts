import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Clock } from '../../../core/ports/clock.ts';
import { SECOND_MS } from '../../../core/time.ts';
import type { ReadAddress } from '../../http/address.ts';
import { COOKIES, type LoginMethods, listGrantTypes } from '../client.ts';
import type { RecordSessionEvent } from '../events.ts';
import { isPlainRecord } from '../json.ts';

/** How long a session lasts: in all, and since it was last refreshed. */
export type SessionLimits = { readonly sessionSeconds: number; readonly idleSeconds: number };

type HookOptions = {
  readonly clock: Clock;
  readonly login: LoginMethods;
  readonly readAddress: ReadAddress;
  readonly limits: SessionLimits;
  readonly pollIntervalSeconds: number;
  readonly onEvent: RecordSessionEvent;
};

/**
 * What happens between the provider's answer and its sending: a new session is recorded, a refresh moves the idle end,
 * a device login is told how often to poll, and the metadata names only what there is.
 */
export async function finishAnswer(context: KoaContextWithOIDC, options: HookOptions): Promise<void> {
  dropSessionCookie(context);
  if (context.status !== 200) return;
  const { route, entities } = context.oidc;
  if (route === 'discovery') correctMetadata(context, options.login);
  if (route === 'device_authorization' && isPlainRecord(context.body)) {
    context.body = { ...context.body, interval: options.pollIntervalSeconds };
  }
  if (route !== 'token' || !entities.RefreshToken) return;
  if (entities.DeviceCode || entities.AuthorizationCode) await recordStart(context, options);
  else await moveIdleEnd(context, options);
}

async function recordStart(
  { oidc, req }: KoaContextWithOIDC,
  { onEvent, readAddress }: HookOptions,
): Promise<void> {
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
      address: typeof device.address === 'string' ? device.address : readAddress(req),
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

/** The provider keeps no sessions of browsers: a cookie for one would lead nowhere. */
function dropSessionCookie(context: KoaContextWithOIDC): void {
  const { session } = COOKIES;
  const lines = [context.response.get('set-cookie')].flat();
  const kept = lines.filter(
    (line) => line !== '' && !new RegExp(`^(__Secure-)?${session}(\\.sig)?=`).test(line),
  );
  if (kept.length === lines.length) return;
  context.remove('set-cookie');
  if (kept.length > 0) context.set('set-cookie', kept);
}

/** The provider names its authorization endpoint, and grants, whether or not any client may use them (OAU-07). */
function correctMetadata(context: KoaContextWithOIDC, login: LoginMethods): void {
  if (!isPlainRecord(context.body)) return;
  const { authorization_endpoint, ...rest } = context.body;
  context.body = {
    ...rest,
    ...(login.browser ? { authorization_endpoint } : {}),
    response_types_supported: login.browser ? ['code'] : [],
    grant_types_supported: listGrantTypes(login),
  };
}
