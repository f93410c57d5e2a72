import type { Secret } from '../secret.ts';
import type { LoginDemand } from '../step-up.ts';
import type { Instant } from '../time.ts';

/** How a session came about, and so how the next one does. */
export type LoginWay =
  | { readonly kind: 'device' }
  | { readonly kind: 'browser' }
  /** A workload, by the token that another system keeps fresh in a file (RFC 7523). The path is absolute. */
  | { readonly kind: 'workload'; readonly tokenFile: string };

/** A login as it rests in the keychain. Its tokens are bound to the key (RFC 9449). */
export type StoredSession = {
  readonly server: string;
  /** Whose tokens these are, where the profile says it and may say another one tomorrow. */
  readonly issuer?: string | undefined;
  readonly name: string;
  readonly way: LoginWay;
  /** Where it is this machine that has to remember it: an OAuth provider alone is not asked for it. */
  readonly loggedInAt?: Instant;
  readonly accessToken: Secret;
  readonly accessExpiresAt: Instant;
  /** Null for a workload: its file is what the next access token is got with. */
  readonly refreshToken: Secret | null;
  /** The private key as JWK text. */
  readonly dpopKey: Secret;
};

export type DevicePrompt = {
  readonly userCode: string;
  readonly verificationUri: string;
  readonly verificationUriComplete: string | null;
  readonly expiresInSeconds: number;
};

export type BrowserPrompt = {
  /** Where the login goes on, in a browser on this machine. No secret: it is of use to this process only. */
  readonly address: string;
  readonly expiresInSeconds: number;
};

type LoginOptions = {
  /** What the page shows beside the question whether that is you (DEV-12). */
  readonly hostName: string;
  readonly purpose: string;
  /** The login that the server asked for (RFC 9470); any will do where it is missing. */
  readonly demand?: LoginDemand | undefined;
  readonly signal: AbortSignal;
};

export type ProofOrder = {
  /** The session's private key as JWK text; the token MUST be bound to it. */
  readonly key: Secret;
  readonly token: Secret;
  readonly method: string;
  readonly url: URL;
  /** By the server's clock. */
  readonly at: Instant;
};

/** Proves that whoever brings a grant's token has its key (RFC 9449 §4.2). `thumbprint` is that key's (RFC 7638). */
export type SignProof = (
  order: ProofOrder,
) => Promise<{ readonly proof: Secret; readonly thumbprint: string }>;

/** Logs in, refreshes and ends sessions at one authorization server. */
export interface Authorization {
  /**
   * RFC 8628. Calls `show` once, then polls until the code is confirmed: `login_denied`, `login_expired`, `unreachable`
   * otherwise (DEV-01 to DEV-07), `login_not_offered` where the server has no such login. Aborting ends it at once with
   * `interrupted`.
   */
  deviceLogin(
    options: LoginOptions & { readonly show: (prompt: DevicePrompt) => void },
  ): Promise<StoredSession>;
  /** RFC 8252 on a loopback port, with PKCE (OAU-01). Calls `show` once and waits for the browser; errors as above. */
  browserLogin(
    options: LoginOptions & { readonly show: (prompt: BrowserPrompt) => void },
  ): Promise<StoredSession>;
  /**
   * RFC 7523: exchanges the token in the file. `workload_token_unusable` when there is none, `workload_refused` when the
   * server does not take it. A token belongs to the key that it first came with: `dpopKey` is that of a session before.
   */
  workloadLogin(options: {
    readonly tokenFile: string;
    readonly dpopKey: Secret | null;
  }): Promise<StoredSession>;
  /** A new access token under the same session; `session_expired` when the server refuses it for good. */
  refresh(session: StoredSession): Promise<StoredSession>;
  /** Ends the session at the server (RFC 7009). */
  revoke(session: StoredSession): Promise<void>;
}

/** The session that calls are made with, always with an access token that should still be good. */
export interface SessionSource {
  /** Rejects with `login_needed` when there is no session, `session_expired` when it is over. */
  read(): Promise<StoredSession>;
  /** After the server refused `refused`: the session that has replaced it meanwhile, or else a refreshed one (S11). */
  renew(refused: StoredSession): Promise<StoredSession>;
}
