import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findKeyringObstacle, startSessionWithoutKeyring } from '../support/keyrings/keyring.ts';
import { confirmCode } from '../support/programs/confirm-code.ts';
import type { Desk } from '../support/programs/desk.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';
import { hasTmux, type TmuxTerminal } from '../support/terminal/tmux.ts';

const REASON = ['--reason', 'INC-4211 slow checkout'];

let stage: Stage;
let desk: Desk;
let terminal: TmuxTerminal;
beforeAll(async () => {
  stage = await startStage();
  desk = await stage.openDesk();
});
afterAll(async () => {
  await desk[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});
beforeEach(async () => {
  terminal = await desk.openTerminal({ rows: 40 });
  return async () => {
    await terminal[Symbol.asyncDispose]();
    await Promise.all([desk.run(['done']), desk.run(['cancel'])]);
  };
});

/** Cooked mode, echo, signals, a cursor: what the shell had before. */
async function expectTerminalAsItWas(): Promise<void> {
  expect(await terminal.isCursorVisible()).toBe(true);
  await terminal.run("clear; stty -a | tr ' ' '\\n' | grep -E '^-?(icanon|echo|isig);?$' | tr '\\n' ' '");
  // The command itself, as it is typed, has these words too.
  await terminal.see(/^isig icanon echo/m);
}

describe.skipIf(!hasTmux())('jit request with nothing said', () => {
  it('asks what, where, how long and why, shows the plan, and gets it', async () => {
    await terminal.run('jit request');
    await terminal.see(/\? Scope\s*\n❯ prod:api\.read/);
    await terminal.type('from the serv');
    await terminal.see(
      /\? Scope from the serv\s*\n❯ prod:api\.read\s*\n\s*\nRead from the services · at most 8 h/,
    );
    await terminal.press('Enter');
    await terminal.see('? Target');
    await terminal.press('Down', 'Enter');
    await terminal.see('? How long (at most 8 h) 30m');
    await terminal.press('C-u');
    await terminal.type('9h');
    await terminal.press('Enter');
    await terminal.see('> that is over 8 h');
    await terminal.press('C-u');
    await terminal.type('20m');
    await terminal.press('Enter');
    await terminal.see('? Reason');
    await terminal.type('INC');
    await terminal.press('Enter');
    await terminal.see('> at least 10 characters, please: 7 more');
    await terminal.type('4211 slow checkout');
    await terminal.press('Enter');
    const plan = await terminal.see('? Send this request?');
    expect(plan).toContain('  plan    prod:api.read on billing-api for 20 min');
    expect(plan).toContain('  policy  granted at once by rule api-reads-are-automatic');
    await terminal.press('Enter');
    expect(await terminal.see('exit=0')).toMatch(
      /✔ approved by rule api-reads-are-automatic · billing-api · prod:api\.read · until/,
    );
    await expectTerminalAsItWas();
  });

  it('sends nothing that policy would deny, and says why', async () => {
    await terminal.run('jit request');
    await terminal.see('? Scope');
    await terminal.type('db.read');
    await terminal.see(/❯ prod:db\.read/);
    await terminal.press('Enter');
    await terminal.see('? How long');
    await terminal.press('C-u');
    await terminal.type('2h');
    await terminal.press('Enter');
    await terminal.see('? Reason');
    await terminal.type('INC-4211 slow checkout');
    await terminal.press('Enter');
    const screen = await terminal.see('exit=3');
    expect(screen).toContain('  policy  denied');
    expect(screen).toContain('ask for an hour or less');
    const { document } = await desk.readJson(['history', '--limit', '1']);
    expect(document.requests?.[0]?.duration_seconds).not.toBe(7200);
  });
});

describe.skipIf(!hasTmux())('Ctrl-C', () => {
  const answers: readonly (readonly [question: string | RegExp, answer: string])[] = [
    [/\? Scope\s*\n❯/, 'api.read'],
    ['? Target', ''],
    ['? How long', ''],
    ['? Reason', 'INC-4211 slow checkout'],
    ['? Send this request?', ''],
  ];

  it.each(answers.map((_, index) => index))(
    'at question %i of jit request asks for nothing (130)',
    async (last) => {
      await terminal.run('jit request');
      for (const [index, [question, answer]] of answers.entries()) {
        await terminal.see(question);
        if (index === last) break;
        await terminal.type(answer);
        if (answer === 'api.read') await terminal.see(/❯ prod:api\.read\s*\n\s*\n/);
        await terminal.press('Enter');
      }
      await terminal.press('C-c');
      expect(await terminal.see('exit=')).toMatch(/✖ stopped at the question .*\s+exit=130/);
      await expectTerminalAsItWas();
      expect((await desk.readJson(['status'])).document).toMatchObject({ requests: [], grants: [] });
    },
  );

  it('while people decide leaves the request pending and says how to go on (130)', async () => {
    await terminal.run(`jit request prod:db.write --for 15m ${REASON[0]} '${REASON[1]}'`);
    await terminal.see(/orders-api · prod:db\.write · req_\w+\s[\s\S]*waiting for dba-lead · lapses at/);
    await terminal.press('C-c');
    const screen = await terminal.see('exit=130');
    const id = (await desk.readJson(['status'])).document.requests?.[0]?.id ?? 'none is open';
    expect(screen).toContain(`${id} is still pending\n  jit wait ${id}\n`);
    await expectTerminalAsItWas();
  });

  it('while a login waits ends it (130)', async () => {
    await terminal.run('jit login --no-open');
    await terminal.see('waiting for you to confirm the code');
    await terminal.press('C-c');
    await terminal.see('exit=130');
    await expectTerminalAsItWas();
    expect(await desk.run(['whoami'])).toMatchObject({ exitCode: 0 });
  });

  it('ends jit status --watch (130)', async () => {
    await terminal.run('jit status --watch');
    await terminal.see('nothing held, nothing pending');
    await terminal.press('C-c');
    await terminal.see('exit=130');
    await expectTerminalAsItWas();
  });

  it('while the server does not answer leaves at once and says where to look (130)', async () => {
    stage.process.kill('SIGSTOP');
    try {
      const arriving = stage.meddler.arriving(/^\/v1\/status/);
      await terminal.run('jit done');
      await arriving;
      await terminal.press('C-c');
      expect(await terminal.see('exit=130')).toContain('interrupted; jit status shows how things stand');
    } finally {
      stage.process.kill('SIGCONT');
    }
    await expectTerminalAsItWas();
  });

  it('in jit exec is the child’s alone', async () => {
    await desk.run(['request', 'prod:api.read', '--on', 'orders-api', ...REASON]);
    await terminal.run(
      `jit exec -- sh -c 'trap "echo got it; exit 9" INT; echo ready; while :; do sleep 0.1; done'`,
    );
    await terminal.see(/^ready/m);
    await terminal.press('C-c');
    expect(await terminal.see('exit=9')).toContain('got it');
    await expectTerminalAsItWas();
  });
});

describe.skipIf(!hasTmux())('where more than one thing fits', () => {
  it('jit exec lets one be picked', async () => {
    for (const target of ['orders-api', 'billing-api'])
      await desk.run(['request', 'prod:api.read', '--on', target, ...REASON]);
    await terminal.run("jit exec -- sh -c 'echo target=$JIT_TARGET'");
    await terminal.see('? Which grant');
    await terminal.type('billing');
    await terminal.see(/❯ billing-api · prod:api\.read/);
    await terminal.press('Enter');
    expect(await terminal.see('exit=0')).toContain('target=billing-api');
  });
});

const obstacle = findKeyringObstacle();
describe.skipIf(!hasTmux() || obstacle !== undefined)('a machine without a keychain', () => {
  it('S14: is offered encrypted files as a question, and remembers the answer', async () => {
    const desktop = await startSessionWithoutKeyring();
    await using bare = await stage.openDesk({
      user: null,
      environment: { ...desktop.environment, JIT_KEYCHAIN: '', JIT_KEYCHAIN_PASSPHRASE: '' },
    });
    await using screen = await bare.openTerminal({ rows: 50, environment: { JIT_KEYCHAIN_PASSPHRASE: '' } });
    await screen.run('jit login --no-open');
    await screen.see('there is no usable keychain');
    await screen.see('? Keep secrets in encrypted files under a passphrase instead? (y/N)');
    await screen.type('y');
    await screen.press('Enter');
    await screen.see('? Passphrase of the file keychain');
    await screen.type(bare.passphrase);
    await screen.press('Enter');
    const [, code = ''] = /code\s+([A-Z]{4}-[A-Z]{4})/.exec(await screen.see(/code\s+[A-Z]{4}-/)) ?? [];
    await confirmCode(stage, { code, user: 'eva' });
    await screen.see('exit=0');
    expect(await readFile(join(bare.folder, 'config', 'config.toml'), 'utf8')).toContain('keychain = "file"');
    await desktop.stop();
  });
});
