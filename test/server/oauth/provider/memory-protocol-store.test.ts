import { describe, test } from 'vitest';
import { protocolStoreSuite } from '../../../../src/testing/protocol-store.ts';
import { createMemoryProtocolStore } from '../../../support/fakes/memory-protocol-store.ts';

describe('the memory protocol store of the tests', () => {
  protocolStoreSuite({ test }, async () => ({
    protocol: createMemoryProtocolStore(),
    close: async () => {},
  }));
});
