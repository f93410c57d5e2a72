import type { Secret } from '../secret.ts';
import type { Instant } from '../time.ts';

/** A login as it rests in the keychain. Access and refresh token are bound to the key (RFC 9449). */
export type StoredSession = {
  readonly server: string;
  readonly name: string;
  readonly accessToken: Secret;
  readonly accessExpiresAt: Instant;
  readonly refreshToken: Secret;
  /** The private key as JWK text. */
  readonly dpopKey: Secret;
};

export type DevicePrompt = {
  readonly userCode: string;
  readonly verificationUri: string;
  readonly verificationUriComplete: string | null;
  readonly expiresInSeconds: number;
};

/** Logs in, refreshes and ends sessions at one authorization server. */
export interface Authorization {
  /**
   * RFC 8628. Calls `show` once, then polls until the code is confirmed: `login_denied`, `login_expired`, `unreachable`
   * otherwise (DEV-01 to DEV-07). Aborting ends it at once with `interrupted`.
   */
  deviceLogin(options: {
    readonly hostName: string;
    readonly purpose: string;
    readonly show: (prompt: DevicePrompt) => void;
    readonly signal: AbortSignal;
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
