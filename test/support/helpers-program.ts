import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

// Several `jit` of one command line at once in this process, as `helpers-program.ts <count> <words…>`.
const [count = '1', ...words] = process.argv.slice(2);
const built = pathToFileURL(join(import.meta.dirname, '../../dist/main.js')).href;
const { run } = (await import(built)) as typeof import('../../src/main.ts');
const departures = await Promise.all(Array.from({ length: Number(count) }, () => run(words)));
process.exitCode = Math.max(...departures.map(({ exitCode }) => exitCode));
