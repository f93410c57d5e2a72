import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SETTABLE_VARIABLES } from '../../src/core/credential.ts';
import { PLACEHOLDERS } from '../../src/core/token-template.ts';
import {
  ACCOUNTS_TOKEN,
  type AccountsService,
  startAccountsService,
} from '../support/clouds/accounts-service.ts';
import { type Outcome, startJit } from '../support/programs/running-jit.ts';
import { readOnlyBlock } from '../support/sources/doc-blocks.ts';
import { projectRoot } from '../support/sources/imports.ts';

let folder: string;
let service: AccountsService;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jit-docs-'));
  service = await startAccountsService();
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** `jit plugin check` over a module in a folder of its own, as whoever follows the document has it. */
async function check(module: string): Promise<Outcome> {
  await writeFile(join(folder, 'accounts.mjs'), module);
  await writeFile(
    join(folder, 'settings.json'),
    JSON.stringify({ url: service.adminUrl, token: ACCOUNTS_TOKEN }),
  );
  const environment = {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    JIT_CONFIG_DIR: join(folder, 'config'),
    JIT_STATE_DIR: join(folder, 'state'),
    NO_COLOR: '1',
  };
  const settings = ['--settings', join(folder, 'settings.json'), '--scope', 'prod:tickets.read'];
  const args = ['plugin', 'check', join(folder, 'accounts.mjs'), ...settings];
  return startJit({ args, environment, cwd: folder }).ended;
}

describe('the connector in docs/connectors.md', () => {
  it('is about 40 lines, and keeps the contract', async () => {
    const module = await readOnlyBlock('docs/connectors.md', 'js');
    expect(module.trimEnd().split('\n').length).toBeLessThanOrEqual(45);
    const { stdout, stderr, exitCode } = await check(module);
    expect(stdout + stderr).toMatch(/[1-9]\d* held, 0 failed/);
    expect(exitCode).toBe(0);
    expect([...service.accounts.keys()]).toEqual([]);
  });

  it('would not pass, if it left an account behind', async () => {
    const module = await readOnlyBlock('docs/connectors.md', 'js');
    const careless = module.replace("'DELETE'", "'GET'").replace(/^.*the account is still there.*\n/m, '');
    expect(careless).not.toBe(module);
    const { stdout, exitCode } = await check(careless);
    expect(stdout).toMatch(/[1-9]\d* failed/);
    expect(exitCode).toBe(1);
  });
});

describe('docs/connectors.md', () => {
  const text = readFile(join(projectRoot, 'docs/connectors.md'), 'utf8');

  it('lists the variables that a credential may set, all of them and no other', async () => {
    const rows = Object.entries(SETTABLE_VARIABLES).map(
      ([what, names]) => `| ${what} | ${names.map((name) => `\`${name}\``).join(' ')} |`,
    );
    const [, table = ''] = (await text).split('| for | variables |\n|---|---|\n');
    expect(table.split('\n').slice(0, rows.length)).toEqual(rows);
  });

  it('names every placeholder', async () => {
    for (const name of PLACEHOLDERS) expect(await text).toContain(`\`{${name}}\``);
  });
});
