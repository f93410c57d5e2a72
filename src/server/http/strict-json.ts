import { fail } from '../../core/errors.ts';
import { DEEPEST_JSON_LEVELS, MOST_JSON_KEYS } from '../../core/limits.ts';

const TOKEN = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g;

/**
 * The value of a JSON text in which no object has a name twice: such a text means one thing to one reader and another
 * to the next (RFC 8259 §4). Too deep or with too many names is refused as well; all of it is `bad_message`.
 */
export function parseStrictJson(text: string): unknown {
  const value = parse(text);
  // Only what is JSON is looked at: in other texts the strings may not end.
  const why = findFault(text);
  if (why !== undefined) throw fail('bad_message', { why });
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw fail('bad_message', { why: 'the body is not JSON' }, error);
  }
}

/** Walks the brackets and names of a JSON text, with the names seen so far in each object that is open. */
function findFault(text: string): string | undefined {
  const open: Set<string>[] = [];
  let keys = 0;
  for (const [token, colon] of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') open.push(new Set());
    else if (token === '}' || token === ']') open.pop();
    if (open.length > DEEPEST_JSON_LEVELS)
      return `the body is nested deeper than ${DEEPEST_JSON_LEVELS} levels`;
    if (colon === undefined) continue;
    const name: string = JSON.parse(token.slice(0, -colon.length));
    if (open.at(-1)?.has(name)) return 'the body has a name twice in one object';
    open.at(-1)?.add(name);
    keys += 1;
    if (keys > MOST_JSON_KEYS) return `the body has more than ${MOST_JSON_KEYS} names`;
  }
  return undefined;
}
