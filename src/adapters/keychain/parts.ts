// Some stores take little more than 2,000 bytes an item; the head's own line needs up to 60 of them.
const PART_BYTES = 1940;
const HEAD = /^jit1 ([1-9]\d{0,3}) ([0-9a-f]{32})\n/;

export type Head = { readonly count: number; readonly digest: string; readonly chunk: string };

/**
 * A value as one or more texts of at most 2,000 bytes. The first begins with a line that says how many there are
 * and what the whole must hash to, so that a write that was torn is noticed.
 */
export function splitValue(text: string): readonly string[] {
  // JSON, because the native side ends a text at its first NUL and has no lone surrogates.
  const body = JSON.stringify(text);
  const chunks = cut(Buffer.from(body));
  return chunks.map((chunk, index) => (index > 0 ? chunk : `jit1 ${chunks.length} ${hash(body)}\n${chunk}`));
}

/** Reads the first part; undefined when this is nothing that `splitValue` made. */
export function parseHead(part: string): Head | undefined {
  const match = HEAD.exec(part);
  if (!match?.[1] || !match[2]) return undefined;
  return { count: Number(match[1]), digest: match[2], chunk: part.slice(match[0].length) };
}

/** The value again; undefined when the parts do not belong together. */
export function joinValue(head: Head, others: readonly string[]): string | undefined {
  const body = [head.chunk, ...others].join('');
  // What is in one part was written in one step, and loading `node:crypto` takes as long as reading it.
  if (others.length > 0 && hash(body) !== head.digest) return undefined;
  return parseText(body);
}

function parseText(body: string): string | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

function cut(bytes: Buffer): readonly string[] {
  const chunks: string[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = endOfCharacter(bytes, Math.min(start + PART_BYTES, bytes.length));
    chunks.push(bytes.toString('utf8', start, end));
    start = end;
  }
  return chunks;
}

function endOfCharacter(bytes: Buffer, limit: number): number {
  let end = limit;
  while (end < bytes.length && isContinuation(bytes[end])) end -= 1;
  return end;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0b1100_0000) === 0b1000_0000;
}

function hash(body: string): string {
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(body).digest('hex').slice(0, 32);
}
