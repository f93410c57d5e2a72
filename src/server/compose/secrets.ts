import type { ConnectorParts } from '../../core/config/connector-kind.ts';
import type { Store } from '../../core/ports/store.ts';
import { Secret } from '../../core/secret.ts';
import { isSameText, sealText, unsealText } from '../oauth/sealed-text.ts';

/** Secrets that connectors make for themselves: in the store, sealed under the server's own (I5). */
export function createSecretReader(
  store: Pick<Store, 'readSetting'>,
  secret: Secret,
): ConnectorParts['readSecret'] {
  return async (name, make) => {
    const sealed = await store.readSetting(name, async () => sealText(secret, name, make().reveal()));
    return new Secret(unsealText(secret, name, sealed));
  };
}

/** Replaces what a reader of the same store gave, where that is still so. */
export function createSecretReplacer(
  store: Pick<Store, 'readSetting' | 'replaceSetting'>,
  secret: Secret,
): ConnectorParts['replaceSecret'] {
  return async (name, { before, after }) => {
    const sealed = await store.readSetting(name, async () => sealText(secret, name, before.reveal()));
    if (!isSameText(unsealText(secret, name, sealed), before.reveal())) return false;
    const change = { name, before: sealed, after: sealText(secret, name, after.reveal()) };
    return (await store.replaceSetting(change)) === 'replaced';
  };
}
