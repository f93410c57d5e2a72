import { createFormBrowser, type FormBrowser } from '../../src/adapters/form-browser.ts';
import { postForm } from './browsers/page-form.ts';
import type { Desk } from './programs/desk.ts';
import type { RunningJit } from './programs/running-jit.ts';
import type { Stage } from './programs/stage.ts';
import type { StageSettings } from './programs/stage-config.ts';

/** How many commands wait at the same time: they start together, and then nothing else runs. */
const AT_ONCE = 10;

const POLICY = `
@id("people-decide") @approvals("1") @approvers("dba")
permit (principal in Group::"engineers", action == Action::"request", resource in Environment::"prod");
@id("dba-approves") permit (principal in Group::"dba", action == Action::"approve", resource);
`;

type Waiting = { readonly id: string; readonly command: RunningJit };

/** A stage on which one person can ask so many times: asking again for the same scopes would join. */
export function describeDecisions(rounds: number): StageSettings {
  const scope =
    '{ description: Change a part, sensitivity: high, default: 15m, max: 1h, targets: [orders-api] }';
  const scopes = Array.from({ length: rounds }, (_, round) => `  ${nameScope(round)}: ${scope}`);
  return {
    policies: { 'all.cedar': POLICY },
    more: { scopes: scopes.join('\n'), targets: '' },
    limits: `{ pending: ${rounds}, live: ${rounds}, requests_per_minute: 1000 }`,
  };
}

/**
 * How long it takes, in milliseconds, from sending a decision at the page until a `jit request` that waits in another
 * process has said that it is approved; that it is also claimed by then is part of it.
 */
export async function measureDecisions(stage: Stage, desk: Desk, rounds: number): Promise<readonly number[]> {
  const browser = createFormBrowser();
  const login = await browser.get(`${stage.url}/login?next=/inbox`);
  await browser.submit(login, { user: 'dba-lead', pin: stage.pin });
  const tookMs: number[] = [];
  for (let first = 0; first < rounds; first += AT_ONCE) {
    const count = Math.min(AT_ONCE, rounds - first);
    const asked = Array.from({ length: count }, (_, index) => ask(desk, first + index));
    for (const waiting of await Promise.all(asked)) tookMs.push(await measure(stage, browser, waiting));
  }
  return tookMs;
}

async function ask(desk: Desk, round: number): Promise<Waiting> {
  const command = desk.start([
    'request',
    nameScope(round),
    '--for',
    '15m',
    '--reason',
    'INC-4211 fix the totals',
  ]);
  const [, id = ''] = await command.says(/… waiting for .* · (req_\w+)/);
  return { id, command };
}

async function measure(stage: Stage, browser: FormBrowser, { id, command }: Waiting): Promise<number> {
  const page = await browser.get(`${stage.url}/requests/${id}`);
  const begunAt = performance.now();
  const [tookMs, answer] = await Promise.all([
    command.says(/✔ approved/).then(() => performance.now() - begunAt),
    postForm(browser, page, { action: `/requests/${id}/decide`, id: 'approve' }),
  ]);
  if (!answer.html.includes('approved')) throw new Error(`the page did not approve ${id}`);
  const { exitCode, stderr } = await command.ended;
  if (exitCode !== 0) throw new Error(stderr);
  return tookMs;
}

function nameScope(round: number): string {
  return `prod:work${round + 1}.write`;
}

export function findMedian(figures: readonly number[]): number {
  const sorted = figures.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
