import { afterEach, expect, it } from 'vitest';
import { listScopes } from '../../src/broker/scopes.ts';
import { dev, type TestBroker } from '../support/broker.ts';
import { openReviewBroker } from '../support/reviewing.ts';

let broker: TestBroker;

afterEach(() => broker.store.close());

async function findTarget() {
  const [scope] = await listScopes(broker, dev);
  return scope?.targets[0];
}

it('says who would review, where people decide', async () => {
  broker = await openReviewBroker();
  expect(await findTarget()).toMatchObject({
    name: 'orders',
    outcome: 'needs_people',
    canApprove: ['lead', 'other'],
  });
});

it('says denied where nobody could approve, because asking would be refused at once', async () => {
  broker = await openReviewBroker({ approverGroups: ['ghosts'] });
  expect(await findTarget()).toMatchObject({ outcome: 'denied', canApprove: [] });
  broker.policy.obligations = { ...broker.policy.obligations, escalationGroups: ['dba'] };
  expect(await findTarget()).toMatchObject({ outcome: 'needs_people' });
  broker.policy.isPermitPossible = false;
  expect(await findTarget()).toMatchObject({ outcome: 'denied' });
});

it('names nobody where nobody is needed', async () => {
  broker = await openReviewBroker();
  broker.policy.outcome = 'automatic';
  expect(await findTarget()).toMatchObject({ outcome: 'automatic', canApprove: [] });
});
