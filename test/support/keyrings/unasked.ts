/** For what must be done without the passphrase: asking for it fails. */
export async function refusePassphrase(): Promise<never> {
  throw new Error('asked for the passphrase');
}
