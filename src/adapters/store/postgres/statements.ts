/** Far more than the queries of this program have texts; lists of states and ids make a few of each. */
const MOST_STATEMENTS = 400;

export type Statement = { readonly text: string; readonly values: unknown[]; readonly name?: string };

/** Names a statement by its text, so that each connection parses and plans it once. */
export type Statements = (text: string, values: readonly unknown[]) => Statement;

export function createStatements(): Statements {
  const names = new Map<string, string>();
  return (text, values) => {
    const known = names.get(text);
    if (known !== undefined) return { name: known, text, values: [...values] };
    if (names.size >= MOST_STATEMENTS) return { text, values: [...values] };
    const name = `jit_${names.size + 1}`;
    names.set(text, name);
    return { name, text, values: [...values] };
  };
}
