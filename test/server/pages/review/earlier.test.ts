import { afterEach, beforeEach, expect, it } from 'vitest';
import { NO_OBLIGATIONS } from '../../../../src/core/decision.ts';
import { lead } from '../../../support/broker.ts';
import { openReviewStage, type ReviewStage } from '../../../support/reviews/stage.ts';

let stage: ReviewStage;

beforeEach(async () => {
  stage = await openReviewStage();
});

afterEach(async () => {
  expect(stage.errors).toEqual([]);
  await stage[Symbol.asyncDispose]();
});

/** The text of a request's page, which says what its person held and used before. */
async function open(id: string): Promise<string> {
  const { html } = await (await stage.browse(lead)).get(`${stage.url}/requests/${id}`);
  return html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
}

it('counts as held before only what was, also when it is read much later', async () => {
  await stage.grant();
  await stage.broker.clock.advance(1000);
  const id = await stage.ask({ scopes: ['prod:db.write'] });
  await stage.broker.clock.advance(1000);
  await stage.grant({ scopes: ['prod:db.read', 'prod:db.write'] });
  expect(await open(id)).toContain('1 held before, 10 min in all.');
});

it('says "not used" only of grants that would have ended unused: of others nobody knows', async () => {
  const { broker } = stage;
  await stage.grant();
  await broker.clock.advance(1000);
  const whole = async () => open(await stage.ask({ scopes: ['prod:db.write'] }));
  expect(await whole()).not.toMatch(/\bused\b/);
  broker.policy.obligations = { ...NO_OBLIGATIONS, idleSeconds: 3600 };
  const ending = await stage.grant({ scopes: ['prod:db.read', 'prod:db.write'] });
  await broker.clock.advance(1000);
  expect((await whole()).match(/not used|\d of them used/g)).toEqual(['not used']);
  await broker.store.recordUse(ending.id, broker.clock.now());
  expect(await whole()).toContain('2 held before, at least 1 of them used, 20 min in all.');
});
