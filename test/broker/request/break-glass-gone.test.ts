import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCedarPolicy } from '../../../src/adapters/policy/cedar.ts';
import type { Broker } from '../../../src/broker/parts.ts';
import { preview } from '../../../src/broker/request/submit.ts';
import { readInbox } from '../../../src/broker/review/inbox.ts';
import { reviewAfterwards } from '../../../src/broker/review/review-afterwards.ts';
import { SAMPLE_CATALOGUE } from '../../../src/core/config/default.ts';
import type { PolicyAction } from '../../../src/core/ports/policy.ts';
import type { AccessRequest } from '../../../src/core/request.ts';
import { admin, buildAsked, buildAsker, dev, lead, type TestBroker } from '../../support/broker.ts';
import { REVIEW_POLICY } from '../../support/reviews/review-policy.ts';
import { openReviewBroker } from '../../support/reviews/reviewing.ts';

const DAY_MS = 86_400_000;
const ASKED = { breakGlass: true, reason: 'INC-4211 the shop is down and nobody is awake' };
const GONE = { scopes: [], targets: [] };

let broker: TestBroker;

beforeEach(async () => {
  broker = await openReviewBroker();
  broker.policy.outcome = 'automatic';
});

afterEach(() => broker.store.close());

function review(by: Broker, request: AccessRequest, asker = lead): Promise<AccessRequest> {
  return reviewAfterwards(by, {
    asker,
    requestId: request.id,
    way: 'page',
    outcome: 'accepted',
    reason: 'it was needed',
  });
}

async function listDue(by: Broker, asker = lead): Promise<readonly string[]> {
  return (await readInbox(by, asker)).afterwards.map(({ id }) => id);
}

/** Some of the actions have a rule for somebody, the others for nobody. */
function rule(...actions: readonly PolicyAction[]): void {
  Object.assign(broker.policy, { mightPermit: (action: PolicyAction) => actions.includes(action) });
}

describe('break-glass whose scope or target left the configuration', () => {
  it.each([
    ['the scope', { ...SAMPLE_CATALOGUE, scopes: [] }],
    ['the target', { ...SAMPLE_CATALOGUE, targets: [] }],
    ['both', GONE],
  ])(
    'is still reviewed by whoever may approve such a thing, and locks nobody out: without %s',
    async (_, catalogue) => {
      const request = await broker.ask(ASKED);
      await broker.clock.advance(DAY_MS);
      await expect(broker.ask({ ...ASKED, scopes: ['prod:db.write'] })).rejects.toMatchObject({
        code: 'review_overdue',
      });
      const later = { ...broker, catalogue };
      expect(await listDue(later)).toEqual([request.id]);
      expect(await listDue(later, buildAsker('nobody'))).toEqual([]);
      await review(later, request);
      expect((await broker.ask({ ...ASKED, scopes: ['prod:db.write'] })).state).toBe('approved');
    },
  );

  it('is reviewed by whoever may revoke there, where the rules on approving went with it', async () => {
    const request = await broker.ask(ASKED);
    broker.policy.may = ({ action, principal }) => action === 'revoke' && principal.groups.includes('admins');
    const later = { ...broker, catalogue: GONE };
    expect(await listDue(later, admin)).toEqual([request.id]);
    await expect(review(later, request)).rejects.toMatchObject({ code: 'not_found' });
    expect((await review(later, request, admin)).afterwards?.review).toMatchObject({ outcome: 'accepted' });
  });

  it('is reviewed by rules as they are written', async () => {
    const files = [{ name: 'review.cedar', text: REVIEW_POLICY }];
    const policy = await openCedarPolicy({ files, catalogue: SAMPLE_CATALOGUE });
    const request = await broker.ask(ASKED);
    const later = { ...broker, policy, catalogue: GONE };
    expect(await listDue(later)).toEqual([request.id]);
    expect((await review(later, request)).afterwards?.review?.by.name).toBe('lead');
  });

  it('is nothing for who may only revoke while somebody may approve', async () => {
    const request = await broker.ask(ASKED);
    expect(await listDue(broker, admin)).toEqual([]);
    await expect(review(broker, request, admin)).rejects.toMatchObject({ code: 'not_a_reviewer' });
    expect(await listDue(broker)).toEqual([request.id]);
  });

  it('makes nobody an approver of what is not there any more', async () => {
    broker.policy.outcome = 'needs_people';
    const request = await broker.ask({ reason: ASKED.reason });
    const { requests } = await readInbox({ ...broker, catalogue: GONE }, lead);
    expect(requests).toEqual([]);
    expect((await readInbox(broker, lead)).requests.map(({ id }) => id)).toEqual([request.id]);
  });
});

describe('break-glass that nobody could review afterwards', () => {
  it('is refused at once where no rule lets anybody approve or revoke it', async () => {
    rule('read');
    const request = await broker.ask(ASKED);
    expect(request).toMatchObject({ state: 'denied', claimBy: null, afterwards: null });
    expect(request.decision?.reasons[0]).toBe(
      'nobody could review this break-glass afterwards: no rule lets anybody approve or revoke prod:db.read',
    );
    expect((await preview(broker, { asker: dev, asked: buildAsked(ASKED) })).outcome).toBe('denied');
    await broker.clock.advance(DAY_MS);
    rule('approve');
    expect((await broker.ask(ASKED)).state).toBe('approved');
  });

  it('is refused at once where only the requester may', async () => {
    broker.people.splice(0, 3, lead.principal);
    const request = await broker.ask(ASKED, lead);
    expect(request.state).toBe('denied');
    expect(request.decision?.reasons[0]).toBe(
      'nobody could review this break-glass afterwards: policy wants somebody else, and nobody else may',
    );
  });

  it('is granted where somebody may revoke, and they review it', async () => {
    rule('revoke');
    broker.policy.may = ({ action, principal }) => action === 'revoke' && principal.groups.includes('admins');
    broker.people.push(admin.principal);
    const request = await broker.ask(ASKED);
    expect(request.state).toBe('approved');
    expect(await listDue(broker, admin)).toEqual([request.id]);
  });

  it('is granted where the directory does not know everybody, and a rule lets somebody', async () => {
    const directory = { isComplete: false, list: async () => [], find: async () => dev.principal };
    const unknown = await openReviewBroker({}, { directory });
    unknown.policy.outcome = 'automatic';
    expect((await unknown.ask(ASKED)).state).toBe('approved');
    await unknown.store.close();
  });
});
