import { afterEach, expect, it } from 'vitest';
import { preview } from '../../../src/broker/request/submit.ts';
import { readRequest } from '../../../src/broker/view/query.ts';
import type { Directory } from '../../../src/core/ports/directory.ts';
import { buildAsked, dev, lead, type TestBroker } from '../../support/broker.ts';
import { openReviewBroker } from '../../support/reviews/reviewing.ts';

let broker: TestBroker;

afterEach(() => broker.store.close());

it('refuses at once what nobody could approve, and says so', async () => {
  broker = await openReviewBroker({ approvals: 3 });
  const request = await broker.ask();
  expect(request.state).toBe('denied');
  expect(request.decision?.reasons[0]).toBe(
    'nobody can approve this: policy wants 3 other people, and only 2 may',
  );
  expect((await preview(broker, { asker: dev, asked: buildAsked() })).outcome).toBe('denied');
});

it('refuses at once what only the requester could approve', async () => {
  broker = await openReviewBroker();
  broker.people.splice(0, 3, lead.principal);
  const request = await broker.ask({}, lead);
  expect(request.state).toBe('denied');
  expect(request.decision?.reasons[0]).toBe(
    'nobody can approve this: policy wants somebody else, and nobody else may',
  );
});

it('refuses at once when nobody of a named group may approve', async () => {
  broker = await openReviewBroker({ approverGroups: ['security'] });
  expect((await broker.ask()).decision?.reasons[0]).toContain('somebody of security, and none may');
});

it('lets those count who would only be called later', async () => {
  broker = await openReviewBroker({ approverGroups: ['security'], escalationGroups: ['dba'] });
  expect((await broker.ask()).state).toBe('pending');
});

const UNKNOWN: Directory = { isComplete: false, list: async () => [], find: async () => dev.principal };

it('refuses nothing because nobody was seen yet, where the directory does not know everybody', async () => {
  broker = await openReviewBroker({ approverGroups: ['dba'] }, { directory: UNKNOWN });
  const request = await broker.ask();
  expect(request.state).toBe('pending');
  expect((await readRequest(broker, dev, request.id)).canApprove).toEqual([]);
  const anybody = await openReviewBroker({}, { directory: UNKNOWN });
  expect((await anybody.ask()).state).toBe('pending');
  await anybody.store.close();
});

it('refuses even then what no rule lets anybody approve', async () => {
  broker = await openReviewBroker({}, { directory: UNKNOWN });
  broker.policy.isPermitPossible = false;
  const request = await broker.ask();
  expect(request.state).toBe('denied');
  expect(request.decision?.reasons[0]).toBe(
    'nobody can approve this: no rule lets anybody approve prod:db.read',
  );
});
