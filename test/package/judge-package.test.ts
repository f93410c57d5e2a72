import { describe, expect, it } from 'vitest';
import { judgeContents, judgeInstalled, LIMITS } from '../../scripts/check/judge-package.ts';

const good = [
  'LICENSE',
  'README.md',
  'bin/jit.js',
  'dist/THIRD-PARTY-NOTICES.txt',
  'dist/main.js',
  'dist/index.js',
  'dist/testing.js',
  'dist/types/index.d.ts',
  'dist/verify.js',
  'docs/errors.md',
  'examples/jit.yaml',
  'package.json',
];

describe('the published files', () => {
  it('are enough to run, and nothing else', () => {
    expect(judgeContents(good)).toEqual([]);
  });

  it.each(good.filter((file) => !/^(docs|examples)/.test(file)))('must include %s', (file) => {
    expect(judgeContents(good.filter((other) => other !== file))).toEqual([`${file} is missing`]);
  });

  it.each([
    'src/main.ts',
    'examples/plugin.ts',
    'test/e2e/login.test.ts',
    'dist/x.test.js',
    'dist/main.js.map',
    'examples/jit.db',
    '.env',
    'jit.key',
  ])('must not include %s', (file) => {
    expect(judgeContents([...good, file])).toEqual([`${file} does not belong in the package`]);
  });
});

describe('the installed tree', () => {
  it('stays within its budgets, and says which one it broke', () => {
    const tree = { bytes: LIMITS.installedBytes, packages: LIMITS.packages };
    expect(judgeInstalled(tree)).toEqual([]);
    expect(judgeInstalled({ ...tree, bytes: tree.bytes + 1 })).toEqual([
      expect.stringContaining('installed'),
    ]);
    expect(judgeInstalled({ ...tree, packages: tree.packages + 1 })).toEqual([
      '121 packages: over the limit',
    ]);
  });
});
