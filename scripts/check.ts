import { checkPacked } from './check/packed.ts';
import { type Finding, runTool } from './check/run-tool.ts';

/** Everything that must hold before a change is accepted, apart from the tests. `dist` is built already. */
const CHECKS: readonly { readonly name: string; readonly run: () => Promise<Finding> }[] = [
  {
    name: 'lint and format',
    run: () => runTool('biome', ['ci', '--colors=off', '--error-on-warnings', '.']),
  },
  { name: 'types', run: () => runTool('tsc', ['--noEmit']) },
  { name: 'architecture', run: () => runTool('vitest', ['run', 'test/architecture.test.ts']) },
  { name: 'packed artefact', run: checkPacked },
];

let failures = 0;
for (const { name, run } of CHECKS) {
  const startedAt = performance.now();
  const finding = await run();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${finding.ok ? '✔' : '✘'} ${name} (${seconds} s)${finding.note ? `: ${finding.note}` : ''}`);
  if (finding.ok) continue;
  failures += 1;
  console.log(finding.output.trimEnd());
}
if (failures > 0) {
  console.error(`${failures} of ${CHECKS.length} checks failed`);
  process.exitCode = 1;
}
