import * as v from 'valibot';
import type { Complaint } from '../../../core/config/complaint.ts';
import { defineConnectorKind } from '../../../core/config/connector-kind.ts';
import { duration, named, scope } from '../../../core/config/fields.ts';
import type { Scope } from '../../../core/scope.ts';
import { SECOND_MS } from '../../../core/time.ts';
import { openSshConnector } from './open.ts';
import { LONGEST_CERTIFICATE_MS } from './sign.ts';

const EXTENSIONS = [
  'permit-pty',
  'permit-port-forwarding',
  'permit-agent-forwarding',
  'permit-X11-forwarding',
  'permit-user-rc',
] as const;

/** A host name, or a pattern of ssh_config's for several: it becomes a line of that file, so nothing else may be in it. */
const host = v.pipe(
  v.string(),
  v.regex(
    /^(?=.*[A-Za-z0-9])[A-Za-z0-9*?][A-Za-z0-9.:*?_-]{0,252}$/,
    'must be a host like web.example.com or *.example.com',
  ),
);
const principal = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,63}$/, 'must be a principal like deploy'),
);

/** `kind: ssh`: certificates of two minutes at most from a key of the server's, which the target's sshd trusts. */
export const sshKind = defineConnectorKind({
  kind: 'ssh',
  entries: {
    host,
    port: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)), 22),
    principals: named(scope, v.pipe(v.array(principal), v.minLength(1, 'must name a principal'))),
    source_address: v.optional(v.boolean(), false),
    options: v.optional(v.array(v.picklist(EXTENSIONS)), ['permit-pty']),
    certificate_ttl: v.optional(duration, '2m'),
  },
  check: ({ principals, certificate_ttl }, covering) => [
    ...checkPrincipals(Object.keys(principals), covering),
    ...(certificate_ttl * SECOND_MS > LONGEST_CERTIFICATE_MS
      ? [{ path: ['certificate_ttl'], why: 'is longer than 2m: so long would access outlive its grant' }]
      : []),
  ],
  open: ({ name, settings }, { clock, readSecret }) =>
    openSshConnector({
      name,
      clock,
      readSecret,
      host: settings.host,
      port: settings.port,
      principals: settings.principals,
      isBoundToAddress: settings.source_address,
      extensions: settings.options,
      lifetimeMs: settings.certificate_ttl * SECOND_MS,
    }),
});

/** A scope that covers the target says who one is there; principals for a scope that does not are a slip. */
function checkPrincipals(listed: readonly Scope[], covering: readonly Scope[]): readonly Complaint[] {
  return [
    ...listed
      .filter((name) => !covering.includes(name))
      .map((name) => ({ path: ['principals', name], why: `no scope ${name} covers it` })),
    ...covering
      .filter((name) => !listed.includes(name))
      .map((name) => ({ path: ['principals'], why: `names no principal for ${name}` })),
  ];
}
