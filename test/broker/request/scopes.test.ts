import { afterEach, expect, it } from 'vitest';
import { listScopes } from '../../../src/broker/request/scopes.ts';
import { dev, type TestBroker } from '../../support/broker.ts';
import { openReviewBroker } from '../../support/reviews/reviewing.ts';
import { openTestSshConnector } from '../../support/ssh/connector.ts';

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

it('says which targets take certificates, whatever their kind is', async () => {
  broker = await openReviewBroker();
  expect(await findTarget()).not.toHaveProperty('takesCertificates');
  const { certificates } = openTestSshConnector();
  const connectors = new Map([
    ['orders', { ...broker.target, kind: 'bastion', ...(certificates ? { certificates } : {}) }],
  ]);
  const [scope] = await listScopes({ ...broker, connectors }, dev);
  expect(scope?.targets[0]).toMatchObject({ name: 'orders', takesCertificates: true });
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

it('says up to how long it is granted at once, where that is not the longest; and of people nothing such', async () => {
  broker = await openReviewBroker();
  const longest = 3600;
  const { decide } = broker.policy;
  broker.policy.decide = (question) => {
    broker.policy.outcome = question.circumstances.durationSeconds <= longest ? 'automatic' : 'denied';
    return decide(question);
  };
  expect(await findTarget()).toMatchObject({ outcome: 'automatic', automaticSeconds: longest });
  broker.policy.decide = decide;
  broker.policy.outcome = 'automatic';
  expect(await findTarget()).not.toHaveProperty('automaticSeconds');
  broker.policy.outcome = 'needs_people';
  expect(await findTarget()).not.toHaveProperty('automaticSeconds');
});

it('asks no more than it must in a catalogue of hundreds', async () => {
  broker = await openReviewBroker();
  broker.policy.outcome = 'automatic';
  const [scope] = broker.catalogue.scopes;
  const scopes = scope ? Array.from({ length: 201 }, () => scope) : [];
  const before = broker.policy.questions.length;
  expect(await listScopes({ ...broker, catalogue: { ...broker.catalogue, scopes } }, dev)).toHaveLength(201);
  expect(broker.policy.questions.length - before).toBe(201);
});
