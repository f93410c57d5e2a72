import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import type { Complaint } from '../../core/config/complaint.ts';

/** A complaint with the line it is about. */
export type PlacedComplaint = Complaint & { readonly line: number };

/** A YAML text that is sound as YAML: it knows the line of every setting. */
export type ConfigDocument = {
  readonly complaints: readonly PlacedComplaint[];
  /** The line of a setting, or of the nearest one above it that is there. */
  readonly findLine: (path: readonly string[]) => number;
  /** The setting's text stands in the file itself, not in a variable. */
  readonly isInClear: (path: readonly string[]) => boolean;
  readonly toValue: () => unknown;
};

const VARIABLE = /\$?\$\{([^}]*)\}?/g;
const MAX_ALIASES = 50;

/** Reads YAML 1.2 and puts environment variables where `${NAME}` stands; `$${` is a plain `${`. */
export function parseConfigDocument(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): ConfigDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: false });
  const lineAt = (offset: number): number => lines.linePos(offset).line;
  const filled = new Set<Node>();
  // After the first mistake in the form, the parser complains about everything that follows.
  const mistakes = document.errors.length > 0 ? document.errors.slice(0, 1) : document.warnings;
  const complaints = [
    ...mistakes.map((problem) => ({
      path: [],
      line: lineAt(problem.pos[0]),
      why: problem.message,
    })),
    ...checkKeys(document, lineAt),
    ...fillVariables(document, { environment, lineAt, filled }),
  ];
  return {
    complaints,
    findLine: (path) => findLine(document, path, lineAt),
    isInClear: (path) => {
      const found: unknown = document.getIn(path, true);
      const node = isAlias(found) ? found.resolve(document) : found;
      return isNode(node) && !filled.has(node);
    },
    toValue: () => document.toJS({ maxAliasCount: MAX_ALIASES }),
  };
}

function checkKeys(document: Document, lineAt: (offset: number) => number): readonly PlacedComplaint[] {
  const complaints: PlacedComplaint[] = [];
  visit(document, {
    Pair: (_, pair) => {
      const key = isScalar(pair.key) ? pair.key.value : undefined;
      if (typeof key === 'string' && key !== '__proto__') return;
      const offset = isNode(pair.key) ? (pair.key.range?.[0] ?? 0) : 0;
      complaints.push({ path: [], line: lineAt(offset), why: 'a key must be plain text' });
    },
  });
  return complaints;
}

function fillVariables(
  document: Document,
  context: {
    readonly environment: Readonly<Record<string, string | undefined>>;
    readonly lineAt: (offset: number) => number;
    readonly filled: Set<Node>;
  },
): readonly PlacedComplaint[] {
  const complaints: PlacedComplaint[] = [];
  visit(document, {
    Scalar: (place, node) => {
      if (place === 'key' || typeof node.value !== 'string') return;
      node.value = node.value.replace(VARIABLE, (written, name: string) => {
        if (written.startsWith('$$')) return written.slice(1);
        const value = /^[A-Za-z_][A-Za-z0-9_]*\}$/.test(written.slice(2))
          ? context.environment[name]
          : undefined;
        if (value !== undefined && value !== '') context.filled.add(node);
        else complaints.push(describeMissing(written, context.lineAt(node.range?.[0] ?? 0)));
        return value ?? '';
      });
    },
  });
  return complaints;
}

function describeMissing(written: string, line: number): PlacedComplaint {
  return { path: [], line, why: `the environment has no value for ${written}` };
}

function findLine(document: Document, path: readonly string[], lineAt: (offset: number) => number): number {
  let node: unknown = document.contents;
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  for (const key of path) {
    const next = step(node, key);
    if (!next) break;
    offset = next.offset ?? offset;
    node = next.node;
  }
  return lineAt(offset);
}

function step(
  node: unknown,
  key: string,
): { readonly node: unknown; readonly offset?: number | undefined } | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(key)];
    return isNode(item) ? { node: item, offset: item.range?.[0] } : undefined;
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find((candidate) => isScalar(candidate.key) && candidate.key.value === key);
  return isScalar(pair?.key) ? { node: pair.value, offset: pair.key.range?.[0] } : undefined;
}
