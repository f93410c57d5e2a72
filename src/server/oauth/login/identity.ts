import type { Principal } from '../../../core/principal.ts';

/** Who there is. */
export interface Identity {
  /** As they are now: groups are never taken from a token. Undefined when the person is not, or no longer, there. */
  find(subject: string): Promise<Principal | undefined>;
}

/** An identity that can itself say whether someone is who they claim to be, by a name and a PIN. */
export interface PinIdentity extends Identity {
  /** For the list on the login page. */
  readonly names: readonly string[];
  /** Undefined alike for an unknown name, a wrong PIN and too many tries (DEV-10). */
  verify(claim: {
    readonly name: string;
    readonly pin: string;
    readonly address: string;
  }): Promise<Principal | undefined>;
}
