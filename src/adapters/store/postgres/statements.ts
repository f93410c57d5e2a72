/** Far more than the queries of this program have texts; lists of states and ids make a few of each. */
const MOST_STATEMENTS = 400;

export type Statement = { readonly text: string; readonly values: unknown[]; readonly name?: string };

/** Names statements by their text, so that each connection parses and plans each of them once. */
export type Statements = {
  readonly name: (text: string, values: readonly unknown[]) => Statement;
  /** What connections have prepared of this text is not used again. */
  readonly renew: (text: string) => void;
};

export function createStatements(): Statements {
  const names = new Map<string, string>();
  let made = 0;
  const add = (text: string): string => {
    made += 1;
    const name = `jit_${made}`;
    names.set(text, name);
    return name;
  };
  return {
    name: (text, values) => {
      const known = names.get(text) ?? (names.size < MOST_STATEMENTS ? add(text) : undefined);
      const statement = { text, values: values.map(withoutNul) };
      return known === undefined ? statement : { ...statement, name: known };
    },
    renew: (text) => {
      if (names.has(text)) add(text);
    },
  };
}

// The one character that PostgreSQL's texts cannot have. Whoever asks for a name with it in it is to find nothing, as with any
// other wrong name, and no error; what is no character at all becomes the same on its way.
function withoutNul(value: unknown): unknown {
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value;
}
