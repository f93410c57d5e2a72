import type { JitError } from '../errors.ts';
import type { Principal } from '../principal.ts';
import type { Secret } from '../secret.ts';
import type { LoginDemand } from '../step-up.ts';
import type { Instant } from '../time.ts';

/** What ties the provider's answer to the login that was begun here. The last two leave this server hashed or not at all. */
export type CompanyLoginKeys = {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
};

/** A login that the provider vouched for, judged. */
export type CompanyLogin = {
  readonly principal: Principal;
  /** When the person proved who they are; 0, very long ago, where the provider does not say. */
  readonly authenticatedAt: Instant;
  /** `acr` and `amr`. */
  readonly strengths: readonly string[];
  /** Asks for the person again later; null where the provider gave nothing to ask with. */
  readonly renewal: Secret | null;
};

/** What became of somebody since they logged in. */
export type Renewed =
  | { readonly kind: 'there'; readonly principal: Principal; readonly renewal: Secret }
  /** The provider itself said, well-formed, that this account may not go on. */
  | { readonly kind: 'gone' }
  /**
   * Nothing is known. `renewal` is the one to ask with next time, where the provider gave a new one all the same;
   * `isSpent`: the old one reached the provider perhaps, and may be used up by that.
   */
  | {
      readonly kind: 'unknown';
      readonly error: JitError;
      readonly renewal: Secret | null;
      readonly isSpent: boolean;
    };

/**
 * The company's OpenID provider: authorization code with PKCE, state, nonce and the issuer's name in the answer
 * (RFC 9207). Implementations MUST judge every answer strictly, MUST bound its time and size, and MUST NOT let an
 * outage look like anything else. Every error is a `JitError`: `provider_failed` for what the provider did wrong or did
 * not do.
 */
export interface Company {
  /** Where people are sent, for them to read. */
  readonly issuer: string;
  /** The address that a login begins at. */
  start(login: {
    readonly redirectUri: string;
    readonly keys: CompanyLoginKeys;
    readonly demand: LoginDemand | null;
    /** Whoever is logged in there: ask who it is. */
    readonly isOther: boolean;
  }): Promise<string>;
  /**
   * What the provider answered, at `redirectUri` with a query. MUST throw `login_denied` when it says so,
   * `step_up_needed` for a login that is not what `demand` asks for, and `forbidden` for an account that is disabled.
   */
  finish(answer: {
    readonly address: string;
    readonly keys: CompanyLoginKeys;
    readonly demand: LoginDemand | null;
  }): Promise<CompanyLogin>;
  /** MUST NOT throw. Only a well-formed `invalid_grant`, or claims that say so, are `gone`. */
  renew(person: { readonly subject: string; readonly renewal: Secret }): Promise<Renewed>;
}
