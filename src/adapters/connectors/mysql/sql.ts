/** A name in a statement. In backquotes only the backquote means anything, in every SQL mode (S8). */
export function identifier(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

export function account(user: string, host: string): string {
  return `${identifier(user)}@${identifier(host)}`;
}

/** A text in a statement, as digits: no text and no SQL mode can break out of it. Compared byte by byte. */
export function text(value: string): string {
  return `CAST(${value === '' ? "''" : `0x${Buffer.from(value, 'utf8').toString('hex')}`} AS BINARY)`;
}
