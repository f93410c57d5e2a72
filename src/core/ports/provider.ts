import type { Secret } from '../secret.ts';
import type { Instant } from '../time.ts';
import type { BrowserPrompt, DevicePrompt } from './session.ts';

/** What a person is shown, who is to say yes at the provider. */
export type ProviderPrompt =
  | ({ readonly kind: 'device' } & DevicePrompt)
  | ({ readonly kind: 'browser' } & BrowserPrompt);

export type ProviderOrder = {
  /** As the login came about. Where the provider has only the other way, that one is taken. */
  readonly way: ProviderPrompt['kind'];
  /** Who is expected to say yes (`login_hint`, OpenID Connect Core §3.1.2.1). */
  readonly name: string;
  readonly scopes: readonly string[];
  /** RFC 8707; null: not sent. */
  readonly resource: string | null;
  /** RFC 9396: sent where the provider says that it takes this type. */
  readonly details: { readonly type: string; readonly [member: string]: unknown } | null;
  /** A private key as JWK text that the token MUST be bound to; null: a bearer token. */
  readonly key: Secret | null;
  /** Called once for each time that the provider asks: again where it wants a stronger login (RFC 9470). */
  readonly show: (prompt: ProviderPrompt) => void;
  readonly signal: AbortSignal | undefined;
};

/** What the provider gave: `scopes` may be less than was asked for. */
export type ProviderToken = {
  readonly token: Secret;
  /** Came with it, unasked; for giving back what is refused, and never to be kept. */
  readonly refreshToken: Secret | null;
  readonly scopes: readonly string[];
  /** `authorization_details` as they came, not judged; undefined where the answer has none. */
  readonly details: unknown;
  readonly expiresAt: Instant;
  /** The key's thumbprint (RFC 7638); null: a bearer token. */
  readonly boundTo: string | null;
};

/** An OAuth provider that is asked for each scope itself. */
export interface Provider {
  /** For people: its issuer. */
  readonly address: string;
  /** `unreachable`, `bad_answer` where it is another issuer, `not_offered` where it has no way to ask for anything. */
  look(): Promise<void>;
  /**
   * Resolves once somebody has said yes. `denied` where they or the provider say no, `lapsed` where nobody says anything,
   * `interrupted` at once when the signal is aborted, `not_offered`, `unreachable`, `bad_answer`.
   */
  ask(order: ProviderOrder): Promise<ProviderToken>;
  /** RFC 7662: is the token good? Undefined where the provider does not say, or not to this client. */
  introspect(token: Secret): Promise<boolean | undefined>;
  /** RFC 7009. False where the provider takes no such token back; resolves with true only after its 200. */
  revoke(token: Secret): Promise<boolean>;
}
