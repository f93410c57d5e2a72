import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { createSystemClock } from '../../src/adapters/clock.ts';
import { LONGEST_PATIENCE } from '../../src/core/config/backends/patience.ts';
import { SAMPLE_CATALOGUE } from '../../src/core/config/default.ts';
import type { Asked } from '../../src/core/request.ts';
import { definePlugin } from '../../src/plugin/api.ts';
import { openPluginBackend } from '../../src/plugin/registry.ts';
import { backendSuite } from '../../src/testing/backend.ts';
import { type JitServer, type Someone, startJitServer } from '../support/programs/jit-server.ts';

let server: JitServer;
let dev: Someone;
let lead: Someone;

beforeAll(async () => {
  server = await startJitServer({
    config: {
      scopes: SAMPLE_CATALOGUE.scopes.map((scope) => ({ ...scope, targets: ['orders-api'] })),
      policiesFolder: join(import.meta.dirname, '../../examples/policies'),
    },
  });
  dev = await server.logIn('dev');
  lead = await server.logIn('dba-lead');
});
afterAll(() => server[Symbol.asyncDispose]());

const READ: Asked = {
  scopes: ['prod:api.read'],
  target: 'orders-api',
  durationSeconds: 600,
  reason: 'INC-4211 slow checkout',
  ticket: null,
  extendsGrantId: null,
  breakGlass: false,
};

async function decide(id: string, outcome: 'approved' | 'denied'): Promise<void> {
  if (outcome === 'denied') return void (await lead.backend.deny(id, 'not needed'));
  const { digest } = await lead.backend.readRequest(id);
  await lead.backend.approve(id, { scopes: null, durationSeconds: null, reason: null, digest });
}

const SUBJECT = {
  now: () => Date.now(),
  automatic: READ,
  reviewed: { ...READ, scopes: ['prod:db.write'] },
  decide,
};

describe('a jit server', () => {
  backendSuite({ test: it }, async () => ({
    ...SUBJECT,
    backend: dev.backend,
    close: async () => undefined,
  }));
});

/** What a package opens is contained: what is behind it must be seen through that. */
describe('a package that has one behind it', () => {
  backendSuite({ test: it }, async () => {
    const plugin = definePlugin({ name: 'through', api: '^1.0', backend: { open: () => dev.backend } });
    const { backend, close } = await openPluginBackend(plugin, {
      settings: {},
      environment: {},
      clock: createSystemClock(),
      address: 'plugin://work',
      ...LONGEST_PATIENCE,
    });
    return { ...SUBJECT, backend, close };
  });
});
