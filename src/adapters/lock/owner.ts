// Whole, so that it is loaded where `ps` is run: on Linux a lock would cost 5 ms more.
import childProcess from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Which process. A pid is used again; together with when it started, and where, it is not. */
export type LockOwner = {
  readonly host: string;
  readonly pid: number;
  /** Opaque: equal texts mean the same process. `unknown` where the system does not tell. */
  readonly started: string;
};

/** `elsewhere`: on another host or in another container, where this process cannot look. */
export type OwnerState = 'alive' | 'dead' | 'elsewhere';

const UNKNOWN = 'unknown';

/** This process. */
export function describeSelf(): LockOwner {
  return { host: describeHost(), pid: process.pid, started: readStart(process.pid) ?? UNKNOWN };
}

/** Is the process that wrote this still there? In doubt it is. */
export function judgeOwner(owner: LockOwner): OwnerState {
  if (owner.host !== describeHost()) return 'elsewhere';
  if (!isThere(owner.pid)) return 'dead';
  const started = readStart(owner.pid);
  if (started === undefined) return 'dead';
  const same = started === owner.started || started === UNKNOWN || owner.started === UNKNOWN;
  return same ? 'alive' : 'dead';
}

/** Surely dead, as far as that can be seen at once: its number may also be another one's by now. */
export function isGone(owner: LockOwner): boolean {
  return owner.host === describeHost() && !isThere(owner.pid);
}

function readStart(pid: number): string | undefined {
  return process.platform === 'linux' ? readStartFromProc(pid) : readStartFromPs(pid);
}

/** Linux: field 22 of `/proc/<pid>/stat`, in ticks since the boot, so the boot belongs to it. Undefined: it is dead. */
export function readStartFromProc(pid: number): string | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === undefined) return UNKNOWN;
  // The second field is the program's name, in brackets, and may itself contain brackets and spaces.
  const [state, ...others] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // Field 20: a killed process that nobody has waited for yet may have threads that are still finishing.
  if ((state === 'Z' || state === 'X') && Number(others[16]) <= 1) return undefined;
  const boot = readText('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
  return `${boot} ${others[18]}`;
}

/** Elsewhere: what `ps` says, in one language and one time zone so that two readers get the same text. */
export function readStartFromPs(pid: number): string | undefined {
  const env = { LC_ALL: 'C', TZ: 'UTC', PATH: '/bin:/usr/bin' };
  const answer = childProcess.spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
    encoding: 'utf8',
    env,
  });
  if (answer.error) return UNKNOWN;
  const [state, ...started] = answer.stdout.trim().split(/\s+/);
  return !state || state.startsWith('Z') ? undefined : started.join(' ');
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

let host: string | undefined;

/** Containers may share a host's name and its files, but not its process numbers. */
function describeHost(): string {
  host ??= `${hostname()} ${readPidNamespace()}`.trim();
  return host;
}

function readPidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
