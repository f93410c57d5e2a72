/**
 * One holder at a time across processes. A holder that died MUST NOT block the next one; a holder that lives MUST
 * NOT be overtaken, however long it takes.
 */
export interface Lock {
  /** Waits for its turn. */
  run<T>(name: string, action: () => Promise<T>): Promise<T>;
  /**
   * False, and nothing is run, when somebody holds it. For what may happen twice: a holder that nobody can look at, and
   * of which nothing was heard for long, MAY be taken for dead.
   */
  tryRun(name: string, action: () => Promise<void>): Promise<boolean>;
}
