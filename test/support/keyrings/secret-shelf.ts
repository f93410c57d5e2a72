import type { ConnectorParts } from '../../../src/core/config/connector-kind.ts';
import type { Secret } from '../../../src/core/secret.ts';

/** Keeps what is made under a name, and what it is replaced by, as the server's store does. */
export type SecretShelf = Pick<ConnectorParts, 'readSecret' | 'replaceSecret'> & {
  readonly kept: Map<string, Secret>;
  /** Whose passwords were put on record, with the secret. */
  readonly rotated: string[];
};

export function createShelf(): SecretShelf {
  const kept = new Map<string, Secret>();
  const put: string[] = [];
  return {
    kept,
    rotated: put,
    readSecret: async (name, make) => {
      const secret = kept.get(name) ?? make();
      kept.set(name, secret);
      return secret;
    },
    replaceSecret: async (name, { before, after, rotated }) => {
      if (kept.get(name)?.reveal() !== before.reveal()) return false;
      kept.set(name, after);
      if (rotated) put.push(`${rotated.account} at ${rotated.target}`);
      return true;
    },
  };
}
