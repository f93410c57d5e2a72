import type { GrantView } from '../view.ts';
import type { HeldSecret } from '../wire/held-secret.ts';

/** What a helper's document is made from. */
export type HelperOrder = {
  readonly grant: Pick<GrantView, 'scopes' | 'target' | 'expiresAt'>;
  readonly secret: HeldSecret;
  readonly environment: Readonly<Record<string, string | undefined>>;
};

/** A document that another program reads a credential from. */
export type Helper = {
  readonly name: string;
  /**
   * Reveals: for stdout only. `not_offered` where the grant's credential is not of this kind, `usage` where the caller
   * speaks another version.
   */
  build(order: HelperOrder): object;
};
