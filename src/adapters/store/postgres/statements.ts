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
      return known === undefined ? { text, values: [...values] } : { name: known, text, values: [...values] };
    },
    renew: (text) => {
      if (names.has(text)) add(text);
    },
  };
}
