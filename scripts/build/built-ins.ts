import type { Plugin } from 'rolldown';
import { type ESTree, parseSync, Visitor } from 'rolldown/utils';

/**
 * Takes Node's own modules by `process.getBuiltinModule`, where an import would read every property of the module and
 * so load all that Node itself loads at the first use: with `node:http` comes `fetch` (30 ms), with `node:process` come
 * the three streams (5 ms), with `node:util` much that nobody asked for (4 ms).
 */
export function createBuiltInPlugin(): Plugin {
  return { name: 'built-ins', renderChunk: (code) => ({ code: replaceBuiltInImports(code), map: null }) };
}

/**
 * Taken at the first use even where a module takes it whole at its top: commander does, for subcommands that are
 * programs of their own, of which jit has none.
 */
const LATE = ['node:child_process'];

type Edit = { readonly start: number; readonly end: number; readonly text: string };

/** The same program without imports of `node:…`. An export from one stays as it is. */
export function replaceBuiltInImports(code: string): string {
  const edits: Edit[] = [];
  const visitor = new Visitor({
    ImportDeclaration: (node) => {
      const { value } = node.source;
      if (isBuiltIn(value))
        edits.push({ start: node.start, end: node.end, text: declare(value, node.specifiers) });
    },
    ImportExpression: (node) => {
      const { source } = node;
      if (source.type !== 'Literal' || !isBuiltIn(source.value)) return;
      edits.push({ start: node.start, end: node.end, text: `Promise.resolve(${take(source.value)})` });
    },
  });
  visitor.visit(parseSync('chunk.js', code).program);
  return applyEdits(code, edits);
}

function isBuiltIn(specifier: unknown): specifier is string {
  return typeof specifier === 'string' && specifier.startsWith('node:');
}

/** By `globalThis`, because what is declared may itself be called `process`. */
function take(name: string): string {
  return `globalThis.process.getBuiltinModule(${JSON.stringify(name)})`;
}

function declare(name: string, specifiers: ESTree.ImportDeclaration['specifiers']): string {
  const whole = specifiers.filter((one) => one.type !== 'ImportSpecifier').map((one) => one.local.name);
  const parts = specifiers.filter((one) => one.type === 'ImportSpecifier').map(describePart);
  return [
    ...whole.map((local) => `const ${local} = ${LATE.includes(name) ? takeLate(name) : take(name)};`),
    ...(parts.length > 0 ? [`const { ${parts.join(', ')} } = ${take(name)};`] : []),
  ].join(' ');
}

function takeLate(name: string): string {
  return `new Proxy({}, { get: (_, key) => ${take(name)}[key] })`;
}

function describePart({ imported, local }: ESTree.ImportSpecifier): string {
  const name = imported.type === 'Identifier' ? imported.name : imported.value;
  return `${JSON.stringify(name)}: ${local.name}`;
}

function applyEdits(code: string, edits: readonly Edit[]): string {
  const ordered = edits.toSorted((left, right) => right.start - left.start);
  return ordered.reduce((text, edit) => text.slice(0, edit.start) + edit.text + text.slice(edit.end), code);
}
