import type { Engineer } from '../client/engineer.ts';
import type { Ssh } from '../client/ssh.ts';
import type { ClientConfig } from '../core/client-config.ts';
import type { PluginCheckOrder, TestResult } from '../core/plugin-report.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Keychain } from '../core/ports/keychain.ts';
import type { LocalStateStore } from '../core/ports/local-state.ts';
import type { LogFormat } from '../core/ports/log.ts';
import type { Browser, Desktop, Processes } from '../core/ports/processes.ts';
import type { Terminal } from '../core/ports/terminal.ts';
import type { ReconcileReport } from '../core/reconciliation.ts';
import type { KeyUse, KeyView, Rotation } from '../core/server-keys.ts';
import type {
  BackupReport,
  ConfirmReport,
  MigrateReport,
  QuarantineReport,
  RestoreReport,
} from '../core/server-store.ts';

export type ProfileChoice = {
  readonly profile?: string | undefined;
  /** An address that was typed: it wins over every profile. */
  readonly server?: string | undefined;
  /** Nothing is asked on the terminal, even where there is one: another program may wait for the answer. */
  readonly isUnattended?: boolean;
  /** How long to go on trying while the server does not answer; 0: once. */
  readonly patienceMs?: number;
};

export type Folders = { readonly config: string; readonly state: string; readonly data: string };

/** Ctrl-C, while jit itself is what it should end. */
export interface Interrupt {
  readonly signal: AbortSignal;
  /** From now on a child owns the terminal: Ctrl-C is its business. */
  release(): void;
  /** From now on Ctrl-C, SIGTERM and SIGHUP end nothing by themselves: there is something to take back first. */
  hold(): Hold;
}

export interface Hold {
  /** From now on no signal asks anything to stop any more; resolves with the first that comes. */
  nextSignal(): Promise<void>;
  release(): void;
}

/** What the commands may reach. Chosen in `compose.ts`; tests bring their own. */
export type World = {
  readonly version: string;
  readonly terminal: Terminal;
  readonly clock: Clock;
  /** The zone that times are shown and read in. */
  readonly timeZone: string;
  readonly processes: Processes;
  readonly browser: Browser;
  readonly desktop: Desktop;
  readonly folders: Folders;
  readonly state: LocalStateStore;
  readonly interrupt: Interrupt;
  readonly newKey: () => string;
  readonly readConfig: () => Promise<ClientConfig>;
  readonly writeConfig: (config: ClientConfig) => Promise<void>;
  /** The server's address that a profile, JIT_SERVER or what was typed leads to; throws `no_server`. */
  readonly findServer: (choice: ProfileChoice) => Promise<string>;
  /** As `findServer`, once it has answered; `unreachable` or `bad_answer` where it does not. */
  readonly reachServer: (choice: ProfileChoice) => Promise<string>;
  readonly connect: (choice: ProfileChoice) => Promise<Engineer>;
  /** What connecting by ssh needs of the same server; `not_offered` where there is no jit server. */
  readonly openSsh: (choice: ProfileChoice) => Promise<Ssh>;
  readonly openKeychain: (server: string) => Promise<Keychain>;
  /** Chooses the encrypted file from now on, in the profile. */
  readonly chooseFileKeychain: (server: string) => Promise<void>;
  readonly reap: () => Promise<void>;
  readonly sweep: () => Promise<number>;
  readonly serve: (options: ServeOptions) => Promise<void>;
  /** What is live at the targets of a server against what it granted; `apply`: what nobody holds is removed. */
  readonly reconcile: (options: ReconcileOptions) => Promise<ReconcileReport>;
  /** The keys of a server, without it. */
  readonly listServerKeys: (order: KeysOrder) => Promise<readonly KeyView[]>;
  readonly rotateServerKeys: (order: KeysOrder) => Promise<Rotation>;
  readonly serverStore: ServerStore;
  /** Resolves with the exit code: 0, or 1 where a step did not hold. */
  readonly quickstart: (options: QuickstartOptions) => Promise<number>;
  /** Runs the contract suites over a plugin. */
  readonly checkPlugin: (order: PluginCheckOrder) => Promise<readonly TestResult[]>;
};

export type ServeOptions = {
  readonly config: string | undefined;
  /** Wins over the configuration's. */
  readonly log?: LogFormat | undefined;
};
export type ReconcileOptions = { readonly config: string | undefined; readonly apply: boolean };
export type KeysOrder = { readonly config: string | undefined; readonly uses: readonly KeyUse[] };
export type StoreOrder = { readonly config: string | undefined };
type StoreFile = StoreOrder & { readonly file: string };

/** What a server remembers, without the server. */
export type ServerStore = {
  readonly backUp: (order: StoreFile) => Promise<BackupReport>;
  readonly restore: (order: StoreFile) => Promise<RestoreReport>;
  /** Begins the quarantine of a store that was brought back by other means. */
  readonly quarantine: (order: StoreOrder) => Promise<QuarantineReport>;
  /** Ends the quarantine after a restore. */
  readonly confirm: (order: StoreOrder) => Promise<ConfirmReport>;
  readonly migrate: (order: StoreOrder) => Promise<MigrateReport>;
};
export type QuickstartOptions = { readonly unattended: boolean };
