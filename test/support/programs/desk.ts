import { randomUUID } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openFileKeychain } from '../../../src/adapters/keychain/file.ts';
import { decodeHeader } from '../../../src/adapters/keychain/file-item.ts';
import { Secret } from '../../../src/core/secret.ts';
import type { GrantDocument } from '../../../src/core/wire/grant.ts';
import type { RequestDocument } from '../../../src/core/wire/request.ts';
import { openTmux, type TmuxOptions, type TmuxTerminal } from '../terminal/tmux.ts';
import { listProcesses } from './canary.ts';
import { confirmCode } from './confirm-code.ts';
import { JIT, type Outcome, type RunningJit, type StartJit, startJit } from './running-jit.ts';
import type { Stage } from './stage.ts';

type More = Partial<Omit<StartJit, 'args'>>;

/** A person's machine: folders of its own and an encrypted file keychain, and the program on it. */
export type Desk = AsyncDisposable & {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly passphrase: string;
  start(args: readonly string[], more?: More): RunningJit;
  run(args: readonly string[], more?: More): Promise<Outcome>;
  /** The one document on stdout of a command that is given `--json`. */
  readJson(args: readonly string[], more?: More): Promise<Answer>;
  login(user?: string): Promise<void>;
  /** A shell in which `jit` runs the program and then says its exit code, as in `exit=0`. */
  openTerminal(options?: TmuxOptions): Promise<TmuxTerminal>;
  /** What the keychain holds: account and secret. */
  listSecrets(): Promise<ReadonlyMap<string, string>>;
};

/** What the documents of the commands have in them. */
export type JitDocument = {
  readonly request?: RequestDocument;
  readonly requests?: readonly RequestDocument[];
  readonly grant?: GrantDocument | null;
  readonly grants?: readonly GrantDocument[];
  readonly error?: { readonly code: string; readonly message: string; readonly hint: string };
  readonly [field: string]: unknown;
};

export type Answer = Outcome & { readonly document: JitDocument };

export type DeskOptions = {
  readonly stage: Pick<Stage, 'url' | 'pin'>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Another desk, of which it begins as a copy. */
  readonly like?: Pick<Desk, 'folder' | 'passphrase'>;
};

/** The real cost is for real passphrases; every other command of a test would take 0.4 s for it. */
const LOG2_COST = 10;

export async function openDesk({ stage, environment: extra = {}, like }: DeskOptions): Promise<Desk> {
  const folder = await mkdtemp(join(tmpdir(), 'jit-desk-'));
  // Another one for each, so that a search for it finds nobody else's.
  const passphrase = like?.passphrase ?? `passphrase ${randomUUID()}`;
  if (like) await cp(like.folder, folder, { recursive: true });
  for (const name of ['home', 'tmp', 'state', 'config'])
    await mkdir(join(folder, name), { mode: 0o700, recursive: true });
  const environment = { ...buildEnvironment(folder, stage.url), ...extra };
  const itemsFolder = join(environment.JIT_STATE_DIR ?? '', 'keychain', 'items');
  const keychain = openFileKeychain({
    folder: itemsFolder,
    passphrase: async () => new Secret(passphrase),
    log2Cost: LOG2_COST,
  });
  await keychain.probe();
  const start = (args: readonly string[], more: More = {}): RunningJit =>
    startJit({
      ...more,
      args,
      environment: { ...environment, ...more.environment },
      passphrase: more.passphrase ?? passphrase,
    });
  const run = (args: readonly string[], more?: More): Promise<Outcome> => start(args, more).ended;
  return {
    folder,
    environment,
    passphrase,
    start,
    run,
    readJson: async (args, more) => {
      const outcome = await run([...args, '--json'], more);
      return { ...outcome, document: parse(outcome) };
    },
    login: async (user = 'dev') => {
      const login = start(['login', '--no-open']);
      const [, code = ''] = await login.says(/code\s+([A-Z]{4}-[A-Z]{4})/);
      await confirmCode(stage, { code, user });
      const { exitCode, stderr } = await login.ended;
      if (exitCode !== 0) throw new Error(stderr);
    },
    openTerminal: async (options) => {
      const terminal = await openTmux({
        columns: 100,
        ...options,
        environment: { ...buildPrompting(environment, passphrase), ...options?.environment },
      });
      await terminal.run(`jit() { '${process.execPath}' '${JIT}' "$@"; echo "exit=$?"; }; clear; echo ready`);
      await terminal.see(/^ready$/m);
      await terminal.run('clear');
      // Only then nothing of the definition is on the screen, which says "exit=" as well.
      await terminal.see(/^(?!.*ready)/s);
      return terminal;
    },
    listSecrets: async () => {
      const accounts = await listItems(itemsFolder);
      const secrets = await Promise.all(accounts.map((item) => keychain.get(item)));
      return new Map(accounts.map((item, index) => [item.account, secrets[index]?.reveal() ?? '']));
    },
    [Symbol.asyncDispose]: async () => {
      await endProcesses(folder);
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

function buildEnvironment(folder: string, server: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: join(folder, 'home'),
    TMPDIR: join(folder, 'tmp'),
    LANG: 'C.UTF-8',
    TZ: 'Europe/Rome',
    NO_COLOR: '1',
    JIT_SERVER: server,
    JIT_CONFIG_DIR: join(folder, 'config'),
    JIT_STATE_DIR: join(folder, 'state'),
    JIT_KEYCHAIN: 'file',
    JIT_KEYCHAIN_PASSPHRASE_FD: '3',
  };
}

/** A shell has no descriptor 3 to hand on: there the passphrase is in the environment. */
function buildPrompting(
  environment: Readonly<Record<string, string>>,
  passphrase: string,
): Record<string, string> {
  const { JIT_KEYCHAIN_PASSPHRASE_FD: _, ...others } = environment;
  return { ...others, JIT_KEYCHAIN_PASSPHRASE: passphrase };
}

/** A reaper that is about to start would make the folder again. */
async function endProcesses(folder: string): Promise<void> {
  for (;;) {
    const mine = (await listProcesses()).filter(({ environment }) =>
      environment.includes(`JIT_STATE_DIR=${folder}/`),
    );
    if (mine.length === 0) return;
    for (const { pid } of mine) end(pid);
    await pause(20);
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone by itself meanwhile.
  }
}

async function listItems(
  folder: string,
): Promise<readonly { readonly service: string; readonly account: string }[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.item'));
  const headers = await Promise.all(
    names.map(async (name) => decodeHeader(await readFile(join(folder, name), 'utf8'))),
  );
  return headers.filter((header) => header !== undefined);
}

function parse({ stdout, stderr }: Outcome): JitDocument {
  try {
    return JSON.parse(stdout) as JitDocument;
  } catch {
    throw new Error(`stdout is not one JSON document:\n${stdout}\n${stderr}`);
  }
}
