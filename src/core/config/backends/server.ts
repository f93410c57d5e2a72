import { origin } from '../fields.ts';
import { defineBackendKind } from './backend-kind.ts';

/** A jit server: what a profile means that names no backend. */
export const serverBackend = defineBackendKind({
  name: 'server',
  matches: (backend) => backend === 'server',
  entries: { server: origin },
  findServer: ({ server }) => server,
  build: () => undefined,
  encode: () => undefined,
});
