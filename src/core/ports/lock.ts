/**
 * One holder at a time across processes. A holder that died MUST NOT block the next one; a holder that lives MUST
 * NOT be overtaken, however long it takes.
 */
export interface Lock {
  run<T>(name: string, action: () => Promise<T>): Promise<T>;
}
