import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ACCOUNTS_TOKEN,
  type AccountsService,
  startAccountsService,
} from '../support/clouds/accounts-service.ts';
import type { Desk } from '../support/programs/desk.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';
import { projectRoot } from '../support/sources/imports.ts';

const PROGRAM = join(projectRoot, 'examples/connectors/accounts.py');
const POLICY =
  '@id("tickets") permit (principal in Group::"engineers", action == Action::"activate", resource);';
const ASK = ['request', 'prod:tickets.read', '--on', 'tickets', '--for', '10m', '--reason', 'INC-4211'];

let service: AccountsService;
let stage: Stage;
let desk: Desk;

function hasPython(): boolean {
  if (existsSync('/usr/bin/python3') || process.env.JIT_TEST_NO_SKIP === '1') return true;
  console.warn('skipped: python3 is missing');
  return false;
}

const canRun = hasPython();

beforeAll(async () => {
  if (!canRun) return;
  service = await startAccountsService();
  const environment = `{ ACCOUNTS_URL: "${service.adminUrl}", ACCOUNTS_TOKEN: ${ACCOUNTS_TOKEN} }`;
  stage = await startStage({
    policies: { 'tickets.cedar': POLICY },
    more: {
      scopes:
        '  prod:tickets.read: { description: Read tickets, sensitivity: low, default: 10m, max: 1h, targets: [tickets] }',
      targets: `  tickets: { kind: exec, audience: "https://tickets.example.com", command: ${PROGRAM}, environment: ${environment} }`,
    },
  });
  desk = await stage.openDesk();
});
afterAll(async () => {
  if (!canRun) return;
  await desk[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
});

describe.skipIf(!canRun)('a target whose credentials a program of one’s own makes', () => {
  it('gives an account that works, and takes it away with its open session', async () => {
    const asked = await desk.run(ASK);
    expect([asked.exitCode, asked.stderr]).toEqual([0, expect.stringContaining('approved')]);
    const show = 'echo "$JIT_CREDENTIAL_USER $JIT_CREDENTIAL_PASSWORD"; env | grep -c ^JIT_TOKEN=';
    const { stdout } = await desk.run(['exec', '--', 'sh', '-c', show]);
    const [, name = '', password = '', tokens] = /^(\S+) (\S+)\n(\d)\n$/.exec(stdout) ?? [];
    expect([name, tokens]).toEqual([expect.stringMatching(/^jit_[a-z0-9]+_[a-z0-9]+$/), '0']);
    expect(service.accounts.get(name)?.roles).toEqual(['prod:tickets.read']);
    const session = await service.logIn(name, password);
    const done = await desk.run(['done']);
    expect([done.exitCode, done.stderr]).toEqual([0, expect.stringContaining('1 session ended')]);
    await session.closed;
    expect([...service.accounts.keys()]).toEqual([]);
    await expect(service.logIn(name, password)).rejects.toThrow('401');
  });
});
