import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Desk } from '../support/programs/desk.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';

const ASK = ['request', 'prod:api.read', '--on', 'orders-api'];
const REASON = ['--reason', 'INC-4211 slow checkout'];

let stage: Stage;
let desk: Desk;

beforeAll(async () => {
  stage = await startStage();
  desk = await stage.openDesk();
});
afterAll(async () => {
  // Whatever was typed here, nothing came of it.
  const { document } = await desk.readJson(['status']);
  expect(document).toMatchObject({ requests: [], grants: [] });
  await desk[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});

type Case = {
  readonly args: readonly string[];
  readonly code: string;
  readonly message: string;
  readonly hint: string;
};

const cases: Readonly<Record<string, Case>> = {
  'an unknown scope suggests the nearest': {
    args: ['request', 'prod:api.raed', '--on', 'orders-api', '--for', '30m', ...REASON],
    code: 'unknown_scope',
    message: 'there is no scope "prod:api.raed"',
    hint: 'did you mean prod:api.read?',
  },
  'an unknown target suggests the nearest': {
    args: ['request', 'prod:api.read', '--on', 'order-api', '--for', '30m', ...REASON],
    code: 'unknown_target',
    message: 'there is no target "order-api"',
    hint: 'did you mean orders-api?',
  },
  'a target that the scope does not cover names those that it does': {
    args: ['request', 'prod:db.write', '--on', 'billing-api', '--for', '15m', ...REASON],
    code: 'wrong_target',
    message: 'prod:db.write does not cover the target billing-api',
    hint: 'it covers: orders-api',
  },
  'a duration over the maximum says the maximum': {
    args: [...ASK, '--for', '9h', ...REASON],
    code: 'duration_too_long',
    message: '9 h is over the maximum for prod:api.read, which is 8 h',
    hint: 'at most 8 h',
  },
  'a bare number says how to write it': {
    args: [...ASK, '--for', '30', ...REASON],
    code: 'bad_duration',
    message: '"30" has no unit',
    hint: 'write 30m for minutes or 30h for hours',
  },
  'what is no duration shows what is one': {
    args: [...ASK, '--for', 'soon', ...REASON],
    code: 'bad_duration',
    message: '"soon" is not a duration',
    hint: '30m, 2h45m',
  },
  'an empty reason': {
    args: [...ASK, '--for', '30m', '--reason', ''],
    code: 'bad_reason',
    message: 'the reason is missing',
    hint: '--reason',
  },
  'a reason of blanks': {
    args: [...ASK, '--for', '30m', '--reason', '             '],
    code: 'bad_reason',
    message: 'the reason is missing',
    hint: '--reason',
  },
  'a reason of one character where policy wants ten': {
    args: [...ASK, '--for', '30m', '--reason', 'x'],
    code: 'bad_reason',
    message: 'the reason is too short: 1 of at least 10 characters',
    hint: '--reason',
  },
  'control characters in a reason': {
    args: [...ASK, '--for', '30m', '--reason', 'INC-4211 \u001b[2J slow checkout'],
    code: 'bad_reason',
    message: 'the reason has control, direction or invisible characters in it',
    hint: '--reason',
  },
  'text that runs backwards in a reason': {
    args: [...ASK, '--for', '30m', '--reason', 'INC-4211 \u202eslow checkout'],
    code: 'bad_reason',
    message: 'the reason has control, direction or invisible characters in it',
    hint: '--reason',
  },
  'a missing scope without a terminal': {
    args: ['request'],
    code: 'missing_answer',
    message: 'the scope is missing, and there is no terminal to ask on',
    hint: 'jit request prod:db.read',
  },
  'a missing target without a terminal names the flag and the choices': {
    args: ['request', 'prod:api.read', ...REASON],
    code: 'missing_answer',
    message: 'the target is missing',
    hint: 'add --on orders-api|billing-api',
  },
  'a missing reason without a terminal names the flag': {
    args: ASK,
    code: 'missing_answer',
    message: 'the reason is missing',
    hint: 'add --reason',
  },
  'an unknown command': {
    args: ['frobnicate'],
    code: 'usage',
    message: "unknown command 'frobnicate'",
    hint: 'jit --help',
  },
  'an unknown option': {
    args: [...ASK, '--fro', '30m'],
    code: 'usage',
    message: "unknown option '--fro'",
    hint: 'jit request --help',
  },
  'an unknown profile': {
    args: ['status', '--profile', 'nowhere'],
    code: 'usage',
    message: 'there is no profile "nowhere"',
    hint: 'jit',
  },
  'watching and one document at once': {
    args: ['status', '--watch'],
    code: 'usage',
    message: '--json is one document',
    hint: 'jit',
  },
};

describe('what is typed wrong', () => {
  it.each(Object.entries(cases))('%s (exit code 2)', async (_name, { args, code, message, hint }) => {
    const { exitCode, stderr, document } = await desk.readJson(args);
    expect(document).toEqual({
      error: { code, message: expect.stringContaining(message), hint: expect.stringContaining(hint) },
    });
    expect(stderr).toBe(`✖ ${document.error?.message}\n  ${document.error?.hint}\n`);
    expect(exitCode).toBe(2);
  });

  it('plain http beyond this machine is refused', async () => {
    const { exitCode, document } = await desk.readJson(['login', 'http://jit.example.com']);
    expect(document.error).toMatchObject({ code: 'insecure_server' });
    expect(exitCode).toBe(2);
  });

  it('someone else’s request is as unknown as one that never was', async () => {
    await using other = await stage.openDesk({ user: 'eva' });
    const { document } = await other.readJson(['request', 'prod:db.write', ...REASON, '--no-wait']);
    const id = document.request?.id ?? '';
    const { exitCode, stderr } = await desk.run(['cancel', id]);
    expect(stderr).toContain(`there is no request ${id}`);
    expect(exitCode).toBe(1);
    await other.run(['cancel', id]);
  });
});
