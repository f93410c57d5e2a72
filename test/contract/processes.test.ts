import { describe, test } from 'vitest';
import { createProcesses } from '../../src/adapters/process/processes.ts';
import { fail } from '../../src/core/errors.ts';
import { type Behaviour, type ProcessesUnderTest, processesSuite } from '../../src/testing/processes.ts';
import { createTestProcesses, type TestProcessesOptions } from '../support/fakes/processes.ts';
import { placeNotingProgram } from '../support/processes/noting-program.ts';

function openReal(platform: NodeJS.Platform): ProcessesUnderTest {
  const program = placeNotingProgram();
  const environment = { PATH: process.env.PATH, HOME: program.folder };
  return {
    processes: createProcesses({ environment, jitPath: program.path, platform }),
    program: (behaviour) => {
      if (behaviour === 'missing') return { command: 'no-such-program', args: [] };
      if (behaviour === 'runs') return { command: 'sleep', args: ['60'] };
      return { command: 'sh', args: ['-c', `exit ${behaviour.exits}`] };
    },
    detached: async () => (await program.notes(1))[0] ?? [],
    close: program.close,
  };
}

function openFake(options: TestProcessesOptions): ProcessesUnderTest {
  const behaviours = new Map<string, Behaviour>();
  const processes = createTestProcesses({
    ...options,
    onStart: ({ order: { command }, end }) => {
      const behaviour = behaviours.get(command);
      if (behaviour === 'missing') throw fail('child_not_found', { command });
      if (typeof behaviour === 'object') end(behaviour.exits);
    },
  });
  return {
    processes,
    program: (behaviour) => {
      const command = JSON.stringify(behaviour);
      behaviours.set(command, behaviour);
      return { command, args: [] };
    },
    detached: async () => processes.detached[0] ?? [],
    close: async () => undefined,
  };
}

describe.each<readonly [string, () => ProcessesUnderTest]>([
  ['those of this system', () => openReal(process.platform)],
  ['those of a system without /proc', () => openReal('darwin')],
  ['those that only seem to run', () => openFake({})],
  ['those that only seem to run, without /proc', () => openFake({ hasSecretFiles: false })],
])('Processes contract: %s', (_, open) => {
  processesSuite({ test }, async () => open());
});
