/** Behind the "?", as libpq calls it. */
const SETTINGS: readonly string[] = ['sslmode', 'sslrootcert', 'host', 'port'];

/**
 * What is wrong with a URL of PostgreSQL that parses: the end of a sentence that begins with it, and with nothing of the URL in
 * it (I5).
 */
export function findPostgresUrlFault({
  username,
  password,
  pathname,
  searchParams,
  hash,
}: URL): string | undefined {
  if (![username, password, pathname].every(isDecodable))
    return 'has a "%" that begins no escape: in a user or a password it is written as %25';
  // A password that is not escaped would end the host, and what comes behind it would be told as a database.
  if (hash !== '' || pathname.includes('@'))
    return 'has a "/", "?", "#" or "@" that is no separator: in a user or a password it is written as %2F, %3F, %23 or %40';
  const names = [...searchParams.keys()];
  // Of a setting that is spelt wrongly nobody would notice that it does nothing.
  if (names.some((name, place) => !SETTINGS.includes(name) || names.indexOf(name) !== place))
    return `has settings behind "?" besides ${SETTINGS.join(', ')}, or one of them twice`;
  return /^\d{1,5}$/.test(searchParams.get('port') ?? '0') ? undefined : 'has a port that is no number';
}

function isDecodable(text: string): boolean {
  try {
    return decodeURIComponent(text) !== undefined;
  } catch {
    return false;
  }
}
