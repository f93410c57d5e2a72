import * as v from 'valibot';
import * as field from '../fields.ts';
import { defineBackendKind } from './backend-kind.ts';
import { buildPatience, encodePatience, patienceEntries } from './patience.ts';

const PREFIX = 'npm:';
/** npm's own rule for names, without what is a path or an address. */
const PACKAGE = /^npm:(@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/;

/** `backend = "npm:<package>"`: a package made with `definePlugin` (docs/plugins.md). */
export const npmBackend = defineBackendKind({
  name: 'npm:<package>',
  matches: (backend) => PACKAGE.test(backend),
  entries: { settings: v.optional(field.mapping, {}), ...patienceEntries },
  findServer: (_, profile) => `plugin://${profile}`,
  build: ({ backend, settings, ...file }) => ({
    kind: 'npm',
    package: backend.slice(PREFIX.length),
    settings,
    ...buildPatience(file),
  }),
  encode: (choice) =>
    choice.kind === 'npm'
      ? { backend: `${PREFIX}${choice.package}`, settings: { ...choice.settings }, ...encodePatience(choice) }
      : undefined,
});
