import type { Secret } from '../secret.ts';
import type { Instant } from '../time.ts';
import type { DevicePrompt } from './session.ts';

export type ProviderOrder = {
  readonly scopes: readonly string[];
  /** RFC 8707; null: not sent. */
  readonly resource: string | null;
  /** RFC 9396: sent where the provider says that it takes this type. */
  readonly details: { readonly type: string; readonly [member: string]: unknown } | null;
  /** A private key as JWK text that the token MUST be bound to; null: a bearer token. */
  readonly key: Secret | null;
  readonly show: (prompt: DevicePrompt) => void;
  readonly signal: AbortSignal | undefined;
};

/** What the provider gave: `scopes` may be less than was asked for. */
export type ProviderToken = {
  readonly token: Secret;
  readonly scopes: readonly string[];
  readonly expiresAt: Instant;
  /** The key's thumbprint (RFC 7638); null: a bearer token. */
  readonly boundTo: string | null;
};

/** An OAuth provider that is asked for each scope itself. */
export interface Provider {
  /** For people: its issuer. */
  readonly address: string;
  /** Shows a code, and resolves once it is confirmed; errors as those of `Authorization.deviceLogin`. */
  ask(order: ProviderOrder): Promise<ProviderToken>;
  /** RFC 7662: is the token good? Undefined where the provider does not say. */
  introspect(token: Secret): Promise<boolean | undefined>;
  /** RFC 7009. False where the provider takes no token back; resolves with true only after its 200. */
  revoke(token: Secret): Promise<boolean>;
}
