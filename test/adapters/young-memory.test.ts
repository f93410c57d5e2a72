import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);
const MIB = 1024 * 1024;

/** What half of it survives its first collection: V8 makes room for that. */
const LOAD = `
  const { limitYoungMemory, readYoungBytes } = await import(process.argv[1]);
  if (process.argv[2] === 'limited') limitYoungMemory({ mostBytes: ${4 * MIB}, lookEveryMs: 1 });
  let kept = [];
  for (let piece = 0; piece < 600; piece += 1) {
    for (let index = 0; index < 5_000; index += 1) kept.push({ index, text: [index] });
    if (piece % 20 === 0) kept = [];
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  console.log(readYoungBytes());
`;

async function load(how: 'limited' | 'free'): Promise<number> {
  const module = join(import.meta.dirname, '../../src/adapters/young-memory.ts');
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', LOAD, module, how]);
  return Number(stdout);
}

it('holds the space for young objects near its limit, where V8 alone would go on', async () => {
  const [limited, free] = await Promise.all([load('limited'), load('free')]);
  expect(limited).toBeGreaterThan(MIB);
  expect(limited).toBeLessThanOrEqual(16 * MIB);
  expect(free).toBeGreaterThan(limited);
});
