import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

// The fault suite, again and again: `npm run test:faults -- --rounds 20 --seed 1`. Each round has a seed of its own, which
// it says, so that it can be run again as it was: `--rounds 1 --seed 17`. `--seconds`: how long replicas are killed.

const { values, positionals } = parseArgs({
  options: {
    rounds: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string' },
  },
  allowPositionals: true,
});

function readNumber(name: 'rounds' | 'seed', text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  console.error(`--${name} wants a whole number from 1 on, and is ${text}`);
  process.exit(2);
}

const rounds = readNumber('rounds', values.rounds);
const first = readNumber('seed', values.seed);
const failed: number[] = [];
for (let seed = first; seed < first + rounds; seed += 1) {
  console.log(`── round ${seed - first + 1} of ${rounds}, seed ${seed}`);
  const { status } = spawnSync('vitest', ['run', 'test/faults', ...positionals], {
    stdio: 'inherit',
    env: {
      ...process.env,
      JIT_FAULT_SEED: String(seed),
      JIT_FAULT_ROUND: 'whole',
      ...(values.seconds === undefined ? {} : { JIT_FAULT_SECONDS: values.seconds }),
    },
  });
  if (status !== 0) failed.push(seed);
}
console.log(
  failed.length === 0
    ? `${rounds} rounds, all whole`
    : `${rounds} rounds, seeds that failed: ${failed.join(', ')}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
