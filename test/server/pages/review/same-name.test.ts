import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Asker } from '../../../../src/broker/parts.ts';
import { dev, namesake } from '../../../support/broker.ts';
import { openReviewStage, type ReviewStage } from '../../../support/reviews/stage.ts';

let stage: ReviewStage;

beforeEach(async () => {
  stage = await openReviewStage();
  stage.broker.policy.may = () => true;
  stage.broker.people.push(namesake.principal);
});

afterEach(async () => {
  expect(stage.errors).toEqual([]);
  await stage[Symbol.asyncDispose]();
});

async function open(reader: Asker, path: string): Promise<string> {
  return (await (await stage.browse(reader)).get(stage.url + path)).html;
}

describe('APR-01: a colleague of the same name', () => {
  it('is offered to revoke a grant, not to give it back', async () => {
    const grant = await stage.grant();
    for (const path of ['/grants', `/grants/${grant.id}`]) {
      expect(await open(dev, path)).toContain('Give back');
      const html = await open(namesake, path);
      expect(html).toContain(`action="/grants/${grant.id}/revoke"`);
      expect(html).not.toContain('Give back');
    }
  });

  it('is somebody else whose grants may be taken away all at once', async () => {
    await stage.grant();
    expect(await open(namesake, '/grants')).toContain('Take away more at once');
    const { id } = await stage.grant({}, namesake);
    stage.broker.policy.may = () => false;
    const own = await open(namesake, '/grants');
    expect(own).toContain(id);
    expect(own).not.toContain('Take away more at once');
  });

  it('can neither take a request back nor decide on it, and reads why', async () => {
    const id = await stage.ask();
    expect(await open(dev, `/requests/${id}`)).toContain(`action="/requests/${id}/cancel"`);
    const html = await open(namesake, `/requests/${id}`);
    expect(html).not.toContain('<button class="refuse" type="submit"');
    expect(html).toContain('Whoever asked could be you: the name or the person is the same.');
    expect(html).not.toContain('your own request');
  });
});
