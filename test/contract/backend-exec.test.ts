import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, it } from 'vitest';
import { backendSuite } from '../../src/testing/backend.ts';
import { openPlugin, PLUGINS } from '../support/plugins/exec-backend.ts';

const run = promisify(execFile);

const ASKED = {
  scopes: ['prod:db.read'],
  target: 'orders',
  durationSeconds: 600,
  reason: 'INC-4211 slow checkout',
  ticket: null,
  extendsGrantId: null,
  breakGlass: false,
};

describe.each(['approvals.py', 'approvals.sh'])('the example %s', (name) => {
  const command = join(PLUGINS, name);
  backendSuite({ test: it }, async () => {
    const plugin = await openPlugin({ command, variables: { APPROVALS_ALONE: '1' } });
    return {
      backend: plugin.backend,
      now: () => Date.now(),
      automatic: ASKED,
      reviewed: { ...ASKED, scopes: ['prod:db.write'] },
      decide: async (id, outcome) => {
        const environment = { PATH: process.env.PATH, HOME: plugin.folder, APPROVALS_ALONE: '1' };
        await run(command, ['decide', id, outcome], { env: environment });
      },
      close: plugin.close,
    };
  });
});
