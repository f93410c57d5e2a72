import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { replaceBuiltInImports } from '../../scripts/build/built-ins.ts';
import { projectRoot } from '../support/sources/imports.ts';

/** Runs a program as a module and gives back what it printed. */
function run(program: string): string {
  return execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' }).trim();
}

const PROGRAM = `
import process from 'node:process';
import path, { join as glue, sep } from 'node:path';
import * as os from 'node:os';
import children from 'node:child_process';
import 'node:http';
const { request } = await import('node:http');
process.stdout.write([glue('a', 'b') === 'a' + sep + 'b', path.sep === sep, typeof os.EOL, typeof request, typeof children.spawn].join(' '));
`;

describe('imports of what Node brings along', () => {
  it('are gone from a program that does the same as before', () => {
    const replaced = replaceBuiltInImports(PROGRAM);
    expect(replaced).not.toMatch(/import/);
    expect(run(replaced)).toBe(run(PROGRAM));
    expect(run(replaced)).toBe('true true string function function');
  });

  it('leave other imports, other dynamic imports and texts as they are', () => {
    const program = `import a from './a.js';\nimport('./b.js');\nconst c = 'import x from "node:x"';\n`;
    expect(replaceBuiltInImports(program)).toBe(program);
  });

  it('do not load what Node loads at the first use', () => {
    const look = 'process.stdout.write(String(process.moduleLoadList.some((name) => /undici/.test(name))));';
    expect(run(`WebSocket;\n${look}`)).toBe('true');
    expect(run(replaceBuiltInImports(`import * as http from 'node:http';\n${look}`))).toBe('false');
  });

  it('wait for the first use where commander takes more than it needs', () => {
    const look =
      'process.stdout.write(String(process.moduleLoadList.includes("NativeModule child_process")));';
    const taken = replaceBuiltInImports(`import children from 'node:child_process';\n${look}`);
    expect(run(taken)).toBe('false');
    expect(run(taken.replace(look, `children.spawn;\n${look}`))).toBe('true');
  });

  it('are nowhere in the built program', () => {
    const folder = join(projectRoot, 'dist');
    const chunks = readdirSync(folder).filter((name) => name.endsWith('.js'));
    const importing = chunks.filter((name) =>
      /\bimport\b[^;`'"]*["'`]node:/.test(readFileSync(join(folder, name), 'utf8')),
    );
    expect(chunks.length).toBeGreaterThan(10);
    expect(importing).toEqual([]);
  });
});
