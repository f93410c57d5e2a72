/**
 * One holder at a time across processes. A holder that died MUST NOT block the next one; a holder that lives MUST
 * NOT be overtaken, however long it takes.
 */
export interface Lock {
  /** Waits for its turn. */
  run<T>(name: string, action: () => Promise<T>): Promise<T>;
  /** False, and nothing is run, when somebody holds it. */
  tryRun(name: string, action: () => Promise<void>): Promise<boolean>;
}
