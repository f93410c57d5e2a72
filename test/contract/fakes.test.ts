import { describe, test } from 'vitest';
import { createSystemClock } from '../../src/adapters/clock.ts';
import { formatJson } from '../../src/core/text.ts';
import { testChannel } from '../../src/testing/channel.ts';
import { connectorSuite } from '../../src/testing/connector.ts';
import { testKeychain } from '../../src/testing/keychain.ts';
import { testLock } from '../../src/testing/lock.ts';
import { createTestLock } from '../support/fakes/client-parts.ts';
import { createQueueLock, createSharedKeychain } from '../support/fakes/fake-authorization-keychain.ts';
import { createScriptedChannel, refuse } from '../support/fakes/scripted-channel.ts';
import { createScriptedConnector } from '../support/fakes/scripted-connector.ts';

// What stands in for an implementation in other tests promises what that does.
const clock = createSystemClock();

describe('Connector contract: the scripted one', () => {
  connectorSuite({ test }, async () => ({
    connector: createScriptedConnector('orders', { isInUse: false }),
    clock,
    scopes: ['prod:db.read'],
  }));
});

describe('Channel contract: the scripted one', () => {
  testChannel({ test }, async () => {
    const channel = createScriptedChannel('slack', clock);
    const sound = channel.answer;
    const next = (answer: typeof sound): void => {
      channel.answer = (message) => {
        channel.answer = sound;
        return answer(message);
      };
    };
    return {
      channel,
      now: clock.now,
      received: () => channel.told.map((message) => formatJson(message)),
      refuse: () => next(refuse),
      hang: () => next(() => new Promise(() => undefined)),
      secrets: ['nothing here has one'],
      close: () => channel.close(),
    };
  });
});

describe('Keychain contract: the shared one', () => {
  testKeychain({ test }, async () => {
    const keychain = createSharedKeychain();
    return { keychain, another: keychain, close: async () => undefined };
  });
});

describe.each([
  ['the queue', createQueueLock],
  ['that of the client’s tests', createTestLock],
])('Lock contract: %s', (_, create) => {
  testLock({ test }, async () => {
    const lock = create();
    return { lock, another: lock, close: async () => undefined };
  });
});
