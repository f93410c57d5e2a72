import { readFileSync } from 'node:fs';
import { isatty } from 'node:tty';

type Name = NodeJS.Signals;

/** The terminal sends these to every process in its foreground, so the child has got them already. */
const FROM_TERMINAL: readonly Name[] = ['SIGINT', 'SIGQUIT', 'SIGWINCH'];
const FROM_ELSEWHERE: readonly Name[] = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGCONT'];

/**
 * While this holds, signals go to `send` and to nobody else in this process: other listeners are set aside. SIGTSTP
 * keeps its default, so that Ctrl-Z stops jit and child together and `fg` continues both. Returns how to stop.
 */
export function forwardSignals(send: (name: Name) => void): () => void {
  const undo = [
    ...FROM_TERMINAL.map((name) => replaceListeners(name, () => isInForeground() || send(name))),
    ...FROM_ELSEWHERE.map((name) => replaceListeners(name, () => send(name))),
  ];
  return () => {
    for (const restore of undo) restore();
  };
}

function replaceListeners(name: Name, listener: () => void): () => void {
  const others = process.rawListeners(name) as readonly unknown[] as readonly NodeJS.SignalsListener[];
  process.on(name, listener);
  for (const other of others) process.off(name, other);
  return () => {
    for (const other of others) process.on(name, other);
    process.off(name, listener);
  };
}

/** Whether keys such as Ctrl-C are signals to this process's group at this moment. */
export function isInForeground(): boolean {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    // proc_pid_stat(5): after the name in parentheses come state, ppid, pgrp, session, tty_nr, tpgid.
    const [, , group, , terminal, foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return terminal !== '0' && group === foreground;
  } catch {
    return isatty(0);
  }
}
