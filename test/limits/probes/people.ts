import type { Asker, Paced } from '../../../src/broker/parts.ts';
import { createPace } from '../../../src/broker/request/pace.ts';
import { cancel } from '../../../src/broker/request/requests.ts';
import type { ScopeEntry } from '../../../src/core/catalogue.ts';
import { SAMPLE_CATALOGUE } from '../../../src/core/config/default.ts';
import { hasCode } from '../../../src/core/errors.ts';
import { CALL_WINDOW_SECONDS, CALLS_PER_PERSON, LIVE_GRANTS_PER_PERSON } from '../../../src/core/limits.ts';
import type { Asked } from '../../../src/core/request.ts';
import { createRequestPolls } from '../../../src/server/api/request-polls.ts';
import { openTestApi } from '../../support/api.ts';
import { dev, openTestBroker, type TestBroker } from '../../support/broker.ts';
import type { Probe } from '../ground.ts';

const workload: Asker = { ...dev, principal: { ...dev.principal, kind: 'workload' } };

/** Limits on what one person, or one workload, may have and ask for. */
export const peopleProbes = {
  OPEN_REQUESTS_PER_PERSON: (size) => canAsk(size, dev),
  OPEN_REQUESTS_PER_WORKLOAD: (size) => canAsk(size, workload),
  LIVE_GRANTS_PER_PERSON: (size) => canHold(size, dev),
  LIVE_GRANTS_PER_WORKLOAD: (size) => canHold(size, workload),
  BREAK_GLASS_GRANTS_PER_PERSON: (size) => canHold(LIVE_GRANTS_PER_PERSON + size, dev, URGENT),
  CALLS_PER_PERSON: (size) => canCall(size, dev),
  CALLS_PER_WORKLOAD: (size) => canCall(size, workload),
  SWEEPS_PER_PERSON: (size) => canCall(size, dev, 'sweeps'),
  CERTIFICATES_PER_PERSON: (size) => canCall(size, dev, 'certificates'),
  CALL_WINDOW_SECONDS: (size) =>
    onBroker(async (broker) => {
      const windowMs = CALL_WINDOW_SECONDS * 1000;
      await broker.clock.advance(windowMs - (broker.clock.now() % windowMs));
      const keepPace = createPace(broker);
      for (let call = 0; call < CALLS_PER_PERSON; call += 1) keepPace(dev);
      await broker.clock.advance((size - 1) * 1000);
      return !isLetIn(() => keepPace(dev));
    }),
  REQUEST_POLLS_PER_PERSON: async (size) => {
    await using api = await openTestApi();
    api.broker.policy.outcome = 'needs_people';
    const { id } = await api.broker.ask();
    const path = `/v1/requests/${id}?state=pending&wait_seconds=25`;
    const waiting = Array.from({ length: size }, () => api.get(dev, path));
    // Whoever is not seated is answered; the others wait until there is something to say.
    await new Promise((resolve) => setTimeout(resolve, 0));
    await cancel(api.broker, dev, id);
    return (await Promise.all(waiting)).every(({ status }) => status === 200);
  },
  REQUEST_POLLS_IN_ALL: (size) => {
    const polls = createRequestPolls();
    return isLetIn(() => {
      for (let index = 0; index < size; index += 1) polls.take(`dev:${index}`);
    });
  },
} satisfies Readonly<Record<string, Probe>>;

function isLetIn(action: () => unknown): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (hasCode(error, 'too_many')) return false;
    throw error;
  }
}

function canCall(count: number, asker: Asker, what?: Paced): Promise<boolean> {
  return onBroker(async (broker) => {
    const keepPace = createPace(broker);
    for (let call = 1; call < count; call += 1) keepPace(asker, what);
    return isLetIn(() => keepPace(asker, what));
  });
}

function canAsk(count: number, asker: Asker): Promise<boolean> {
  return onBroker((broker) => {
    broker.policy.outcome = 'needs_people';
    return isNoneRefused(count, (index) => broker.ask({ scopes: [scopeOf(index)] }, asker));
  });
}

function canHold(count: number, asker: Asker, changes: Partial<Asked> = {}): Promise<boolean> {
  return onBroker((broker) =>
    isNoneRefused(count, async (index) => {
      const { id } = await broker.ask({ ...changes, scopes: [scopeOf(index)] }, asker);
      await broker.claim(asker, id);
    }),
  );
}

const URGENT = { breakGlass: true, reason: 'INC-4211 the shop is down and nobody is awake' };
const scopeOf = (index: number): string => `prod:db${index}.read`;

/** More scopes than anybody may have. */
async function onBroker(probe: (broker: TestBroker) => Promise<boolean>): Promise<boolean> {
  const entry = SAMPLE_CATALOGUE.scopes[0] as ScopeEntry;
  const scopes = Array.from({ length: 300 }, (_, index) => ({ ...entry, name: scopeOf(index) }));
  const broker = await openTestBroker({ catalogue: { ...SAMPLE_CATALOGUE, scopes } });
  try {
    return await probe(broker);
  } finally {
    await broker.store.close();
  }
}

async function isNoneRefused(count: number, action: (index: number) => Promise<unknown>): Promise<boolean> {
  try {
    for (let index = 0; index < count; index += 1) await action(index);
    return true;
  } catch (error) {
    if (hasCode(error, 'limit_reached')) return false;
    throw error;
  }
}
