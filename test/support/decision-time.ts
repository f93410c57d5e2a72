import { createFormBrowser } from '../../src/adapters/form-browser.ts';
import type { Desk } from './desk.ts';
import { postForm } from './page-form.ts';
import type { Stage } from './stage.ts';

const ASK = ['request', 'prod:db.write', '--for', '15m', '--reason', 'INC-4211 fix the totals'];

/**
 * How long it takes, in milliseconds, from sending a decision at the page until a `jit request` that waits in another
 * process has said that it is approved; that it is also claimed by then is part of it.
 */
export async function measureDecisions(stage: Stage, desk: Desk, rounds: number): Promise<readonly number[]> {
  const browser = createFormBrowser();
  const login = await browser.get(`${stage.url}/login?next=/inbox`);
  await browser.submit(login, { user: 'dba-lead', pin: stage.pin });
  const tookMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const waiting = desk.start(ASK);
    const [, id = ''] = await waiting.says(/… waiting for .* · (req_\w+)/);
    const page = await browser.get(`${stage.url}/requests/${id}`);
    const begunAt = performance.now();
    const [, answer] = await Promise.all([
      waiting.says(/✔ approved/).then(() => tookMs.push(performance.now() - begunAt)),
      postForm(browser, page, { action: `/requests/${id}/decide`, id: 'approve' }),
    ]);
    if (!answer.html.includes('approved')) throw new Error(`the page did not approve ${id}`);
    await waiting.ended;
    await desk.run(['done']);
  }
  return tookMs;
}

export function findMedian(figures: readonly number[]): number {
  const sorted = figures.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
