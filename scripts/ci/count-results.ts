import { readFileSync } from 'node:fs';
import { countResults } from './judge-results.ts';

const [path = '', exitCode = '1'] = process.argv.slice(2);

function readReport(): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

const { passed, failed, complaints } = countResults(readReport(), Number(exitCode));
for (const complaint of complaints) console.error(`── ${complaint}`);
console.log(`${passed} ${failed}`);
