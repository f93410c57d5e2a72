/** The name of this machine's zone, as in `Europe/Rome`: for a server, whose policies speak of it by name. */
export function readTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
