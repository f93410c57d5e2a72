import { buildEvent, SYSTEM } from '../../broker/events.ts';
import type { Broker } from '../../broker/parts.ts';
import type { ConnectorParts } from '../../core/config/connector-kind.ts';
import type { Store } from '../../core/ports/store.ts';
import { Secret } from '../../core/secret.ts';
import { isSameText, sealText, unsealText } from '../oauth/tokens/sealed-text.ts';

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

type Replacing = Pick<Broker, 'clock' | 'ids'> & {
  readonly store: Pick<Store, 'readSetting' | 'replaceSetting' | 'commit'>;
  readonly secret: Secret;
};

/** Replaces what a reader of the same store gave, where that is still so; with its event, where it is one. */
export function createSecretReplacer({
  store,
  secret,
  ...parts
}: Replacing): ConnectorParts['replaceSecret'] {
  return async (name, { before, after, rotated }) => {
    const sealed = await store.readSetting(name, async () => sealText(secret, name, before.reveal()));
    if (!isSameText(unsealText(secret, name, sealed), before.reveal())) return false;
    const change = { name, before: sealed, after: sealText(secret, name, after.reveal()) };
    if (!rotated) return (await store.replaceSetting(change)) === 'replaced';
    const event = buildEvent(parts, { kind: 'credential.rotated', actor: SYSTEM, detail: rotated });
    return (await store.commit({ event, setting: change })) === 'committed';
  };
}
