/** Login sessions of people and workloads, of every kind. */
export interface Logins {
  /** Ends every session of the account, at the terminal and in the browser. Resolves with how many there were. */
  endAll(subject: string, because: string): Promise<number>;
}
