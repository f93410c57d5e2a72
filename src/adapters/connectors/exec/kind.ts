import * as v from 'valibot';
import { defineConnectorKind } from '../../../core/config/connector-kind.ts';
import { duration, named, path, secret } from '../../../core/config/fields.ts';
import { openExecConnector } from './open.ts';

const absolutePath = v.pipe(
  path,
  v.check((text) => text.startsWith('/'), 'must be an absolute path'),
);
const variable = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'is not the name of a variable'),
);
const sha256 = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits: sha256sum prints them'),
);

/** `kind: exec`: a program of your own makes and removes credentials, under the contract of every connector. */
export const execKind = defineConnectorKind({
  kind: 'exec',
  entries: {
    command: absolutePath,
    args: v.optional(v.array(v.string()), []),
    sha256: v.optional(sha256),
    timeout: v.optional(duration, '10s'),
    environment: v.optional(named(variable, secret), {}),
  },
  listSecrets: ({ environment }) => Object.keys(environment).map((name) => ['environment', name]),
  open: ({ name, settings }, { clock, installation }) =>
    openExecConnector({
      name,
      clock,
      installation,
      command: settings.command,
      args: settings.args,
      sha256: settings.sha256 ?? null,
      timeoutSeconds: settings.timeout,
      environment: settings.environment,
    }),
});
