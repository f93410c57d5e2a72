import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isExternal, RUNTIME_PACKAGES } from '../scripts/build/external.ts';
import {
  findCycle,
  findImports,
  findPackageName,
  projectRoot,
  readSources,
  stripComments,
} from './support/sources/imports.ts';
import { judgeImports, layers } from './support/sources/layers.ts';

const sources = readSources('src');
const manifest: { dependencies: Record<string, string>; devDependencies: Record<string, string> } =
  JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'));

describe('who may import what', () => {
  for (const layer of [...layers.map(({ name }) => name)]) {
    it(`${layer} imports only what the table allows`, () => {
      const own = sources.filter((file) => layers.find(({ has }) => has.test(file.path))?.name === layer);
      expect(own.flatMap(judgeImports)).toEqual([]);
    });
  }

  it('every file belongs to a layer', () => {
    const homeless = sources.filter((file) => !layers.some(({ has }) => has.test(file.path)));
    expect(homeless.map((file) => file.path)).toEqual([]);
  });

  it('no file reaches itself through its imports, types included', () => {
    expect(findCycle(sources)).toBeUndefined();
  });

  it('every package that a file imports is bundled, or a dependency, or said to be for development', () => {
    const imported = sources
      .flatMap((file) => findImports(file.text))
      .map(({ specifier }) => findPackageName(specifier))
      .filter((name) => !/^(\.|node:)/.test(name));
    const bundled = Object.keys(manifest.devDependencies);
    expect([...new Set(imported)].filter((name) => !isExternal(name) && !bundled.includes(name))).toEqual([]);
  });

  it('the dependencies are exactly what is not bundled', () => {
    expect(Object.keys(manifest.dependencies).toSorted()).toEqual([...RUNTIME_PACKAGES].toSorted());
  });

  for (const name of [
    'commander',
    'inquirer',
    'openid-client',
    'keytar',
    'chalk',
    'ora',
    'yaml',
    'smol-toml',
  ]) {
    it(`${name} is loaded by one file at most`, () => {
      const importers = sources.filter((file) =>
        findImports(file.text).some((found) => !found.typeOnly && findPackageName(found.specifier) === name),
      );
      expect(importers.map((file) => file.path).slice(1)).toEqual([]);
    });
  }
});

/** Each effect, and the files that are there for it. */
const EFFECTS: readonly { readonly what: string; readonly call: RegExp; readonly home: RegExp }[] = [
  { what: 'Date.now and new Date()', call: /\bDate\.now\b|new Date\(\s*\)/, home: /^src\/adapters\/clock/ },
  {
    what: 'process.env',
    call: /\bprocess\.env\b/,
    home: /^src\/(compose(\/.*)?\.ts|adapters\/process)/,
  },
  { what: 'process.exit and process.exitCode', call: /\bprocess\.exit/, home: /^src\/leave\.ts$/ },
  { what: 'console', call: /\bconsole\.\w/, home: /^(?!)/ },
  { what: 'Math.random', call: /\bMath\.random\b/, home: /^src\/adapters\// },
];

describe('who may touch the world', () => {
  for (const { what, call, home } of EFFECTS) {
    it(`${what}: only where it belongs`, () => {
      const callers = sources.filter((file) => call.test(stripComments(file.text)) && !home.test(file.path));
      expect(callers.map((file) => file.path)).toEqual([]);
    });
  }
});

/** Longer than the rest, each for a reason. */
const LONG_FILES: Readonly<Record<string, string>> = {
  'src/core/error-catalogue.ts': 'one table, one row an error',
};

describe('files', () => {
  it('none is longer than 220 lines without a reason', () => {
    const long = ['src', 'test', 'scripts', 'bench', 'examples']
      .flatMap(readSources)
      .filter((file) => file.text.split('\n').length > 221 && !(file.path in LONG_FILES));
    expect(long.map((file) => `${file.path}: ${file.text.split('\n').length - 1}`)).toEqual([]);
  });

  it('no folder of src has more of them than can be taken in at a glance', () => {
    const folders = Map.groupBy(sources, (file) => dirname(file.path));
    const crowded = [...folders].filter(([, files]) => files.length > 40);
    expect(crowded.map(([folder, files]) => `${folder}: ${files.length}`)).toEqual([]);
  });

  it('the median is under 80 lines', () => {
    const lengths = sources.map((file) => file.text.split('\n').length).toSorted((a, b) => a - b);
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThan(80);
  });
});

describe('these rules themselves', () => {
  const text = [
    "import type { A } from '../client/a.ts';",
    'import {',
    '  b,',
    "} from './b.ts';",
    "export * from '../broker/c.ts';",
    "import 'chalk';",
    "const d = await import('pg');",
    "type E = import('kysely/x').E;",
    "// import 'comment';",
  ].join('\n');

  it('see every form of import, and not those in comments', () => {
    expect(findImports(text).map(({ specifier }) => specifier)).toEqual([
      '../client/a.ts',
      './b.ts',
      '../broker/c.ts',
      'chalk',
      'pg',
      'kysely/x',
    ]);
  });

  it('refuse an upward import, a package that is not the layer’s, and a value where only types are allowed', () => {
    expect(judgeImports({ path: 'src/core/x.ts', text })).toHaveLength(5);
    const value = "import { login } from '../client/login.ts';";
    expect(judgeImports({ path: 'src/cli/x.ts', text: value })).toHaveLength(1);
    expect(judgeImports({ path: 'src/cli/x.ts', text: value.replace('{', 'type {') })).toEqual([]);
  });

  it('refuse an adapter that imports another, or a package that it does not wrap', () => {
    const path = 'src/adapters/keychain/file.ts';
    expect(
      judgeImports({ path, text: "import './format.ts';\nimport 'keytar';\nimport 'node:fs';" }),
    ).toEqual([]);
    expect(judgeImports({ path, text: "import '../store/rows.ts';" })).toHaveLength(1);
    expect(judgeImports({ path, text: "import 'kysely';" })).toHaveLength(1);
    expect(judgeImports({ path: 'src/adapters/ids.ts', text: "import './keychain/file.ts';" })).toHaveLength(
      1,
    );
  });

  it('refuse one command that imports another, and a file of no layer', () => {
    const text = "import { run } from './b.ts';";
    expect(judgeImports({ path: 'src/cli/commands/a.ts', text })).toHaveLength(1);
    expect(judgeImports({ path: 'src/cli/commands/index.ts', text })).toEqual([]);
    expect(judgeImports({ path: 'src/elsewhere/a.ts', text })).toHaveLength(1);
  });

  it('refuse the server loaded at the top of the client’s wiring, and allow it when it is asked for', () => {
    const path = 'src/compose.ts';
    expect(judgeImports({ path, text: "import './compose/serve.ts';" })).toHaveLength(1);
    expect(judgeImports({ path, text: "import './server/compose.ts';" })).toHaveLength(1);
    expect(judgeImports({ path, text: "await import('./compose/serve.ts');" })).toEqual([]);
  });

  it('find a cycle of types', () => {
    const files = [
      { path: 'src/core/a.ts', text: "import type { B } from './b.ts';" },
      { path: 'src/core/b.ts', text: "import type { A } from './a.ts';" },
    ];
    expect(findCycle(files)).toEqual(['src/core/a.ts', 'src/core/b.ts', 'src/core/a.ts']);
  });

  it('find each effect', () => {
    const samples = [
      'Date.now()',
      'new Date()',
      'process.env.HOME',
      'process.exit(1)',
      'console.log(1)',
      'Math.random()',
    ];
    expect(samples.filter((sample) => EFFECTS.some(({ call }) => call.test(sample)))).toEqual(samples);
    expect(EFFECTS.some(({ call }) => call.test('new Date(at)'))).toBe(false);
  });
});
