const PART = /"([^"]*)"|'([^']*)'|([\w-]+)/g;
const HEADER = /^\s*\[\[?([^\]]+)\]/;
const ASSIGNMENT = /^\s*((?:"[^"]*"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w-]+))*)\s*=/;

/** The line, from 1, of the key that is written closest to `path`; undefined when none of its keys is written. */
export function locateKey(text: string, path: readonly string[]): number | undefined {
  let best: { readonly line: number; readonly depth: number } | undefined;
  for (const [index, written] of listKeys(text).entries()) {
    const depth = countShared(written, path);
    if (depth > (best?.depth ?? 0)) best = { line: index + 1, depth };
  }
  return best?.line;
}

/** The key that is written on a line, from the top of the file. */
export function readKeyAt(text: string, line: number): readonly string[] {
  return listKeys(text)[line - 1] ?? [];
}

/** One entry a line: the whole key, with that of its table; empty where the line has none. */
function listKeys(text: string): readonly (readonly string[])[] {
  let table: readonly string[] = [];
  return text.split(/\r?\n/).map((line) => {
    const header = HEADER.exec(line)?.[1];
    if (header !== undefined) {
      table = readParts(header);
      return table;
    }
    const key = ASSIGNMENT.exec(line)?.[1];
    return key === undefined ? [] : [...table, ...readParts(key)];
  });
}

function readParts(key: string): readonly string[] {
  return [...key.matchAll(PART)].map(([, double, single, bare]) => double ?? single ?? bare ?? '');
}

/** How many keys two paths share from the top. */
function countShared(written: readonly string[], path: readonly string[]): number {
  const different = written.findIndex((key, index) => key !== path[index]);
  return different === -1 ? written.length : different;
}
