import { createServer, type RequestListener } from 'node:http';
import { vi } from 'vitest';
import { createOutgoing } from '../../../src/adapters/outgoing/outgoing.ts';
import { reconcile } from '../../../src/broker/reconciliation/reconcile.ts';
import { revoke } from '../../../src/broker/revocation/revoke.ts';
import type { Channel } from '../../../src/core/ports/channel.ts';
import type { Connector } from '../../../src/core/ports/connector.ts';
import { dev, openTestBroker } from '../../support/broker.ts';
import { createScriptedChannel } from '../../support/fakes/scripted-channel.ts';
import { createScriptedConnector } from '../../support/fakes/scripted-connector.ts';
import type { Probe } from '../ground.ts';

/** Limits on what jit itself calls. */
export const outgoingProbes = {
  OUTGOING_BODY_BYTES: (size) =>
    withListener(
      (_, response) => void response.end('x'.repeat(size)),
      async (url) => {
        const answer = createOutgoing({ urls: [url], allow: [] })(url);
        return answer.then(
          async (response) => (await response.text()).length === size,
          () => false,
        );
      },
    ),
  OUTGOING_TIMEOUT_MS: (size) =>
    withListener(
      (_, response) => void response.end('done'),
      async (url) => {
        // The platform's own timer is nobody's to fake: what it is given is looked at.
        const timer = vi.spyOn(AbortSignal, 'timeout');
        await createOutgoing({ urls: [url], allow: [] })(url);
        const [ms = 0] = timer.mock.calls[0] ?? [];
        timer.mockRestore();
        return ms >= size;
      },
    ),
  TARGET_DEADLINE_MS: async (size) => {
    const given: number[] = [];
    const note = (deadlineAt: number): void => void given.push(deadlineAt - broker.clock.now());
    const target = createScriptedConnector();
    const watched: Connector = {
      ...target,
      issue: (order) => {
        note(order.deadlineAt);
        return target.issue(order);
      },
      list: (deadlineAt) => {
        note(deadlineAt);
        return target.list(deadlineAt);
      },
      remove: (handle, order) => {
        note(order.deadlineAt);
        return target.remove(handle, order);
      },
    };
    const broker = await openTestBroker({ connectors: new Map([['orders', watched]]) });
    const { grant } = await broker.claim(dev, (await broker.ask()).id);
    await reconcile(broker, { apply: false });
    await revoke(broker, { asker: dev, grantId: grant.id, because: 'done' });
    await broker.runDue();
    await broker.store.close();
    return given.length === 3 && given.every((ms) => ms >= size);
  },
  DELIVERY_DEADLINE_MS: async (size) => {
    const given: number[] = [];
    const channel: Channel = {
      ...createScriptedChannel(),
      deliver: async (_, { deadlineAt }) => {
        given.push(deadlineAt - broker.clock.now());
        return { reference: null };
      },
    };
    const broker = await openTestBroker({ channels: new Map([[channel.name, channel]]) });
    broker.policy.outcome = 'needs_people';
    await broker.ask();
    await broker.runDue();
    await broker.store.close();
    return given.length === 1 && given.every((ms) => ms >= size);
  },
  OUTGOING_HEAD_TIMEOUT_MS: (size) => waitsForHead(size),
} satisfies Readonly<Record<string, Probe>>;

/** Is a call still waiting for the head of its answer just before so long? */
function waitsForHead(ms: number): Promise<boolean> {
  const asked = Promise.withResolvers<void>();
  const ready = Promise.withResolvers<void>();
  return withListener(
    (_, response) => {
      asked.resolve();
      void ready.promise.then(() => response.end('done'));
    },
    async (url) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      const answer = createOutgoing({ urls: [url], allow: [] })(url).then(
        () => true,
        () => false,
      );
      await asked.promise;
      vi.advanceTimersByTime(ms - 1);
      vi.useRealTimers();
      ready.resolve();
      return answer;
    },
  );
}

/** A server of this process that answers like this, while it is used. */
export async function withListener<T>(
  listener: RequestListener,
  use: (url: string) => Promise<T>,
): Promise<T> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  try {
    return await use(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
