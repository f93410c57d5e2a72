import type { ProtocolEntry, ProtocolStore } from '../../core/ports/protocol-store.ts';

/** A new, empty store and how to close it. */
export type OpenProtocol = () => Promise<{
  readonly protocol: ProtocolStore;
  readonly close: () => Promise<void>;
}>;

export const ENTRY: ProtocolEntry = {
  kind: 'DeviceCode',
  id: 'device-code-1',
  payload: { accountId: 'anna', scope: 'openid', nested: { list: [1, null] } },
  expiresAt: 9_000,
};

/** Runs the body over a new store and closes it, whatever happens. */
export function onProtocol(
  open: OpenProtocol,
  body: (protocol: ProtocolStore) => Promise<void>,
): () => Promise<void> {
  return async () => {
    const { protocol, close } = await open();
    try {
      await body(protocol);
    } finally {
      await close();
    }
  };
}
