import * as v from 'valibot';
import type { LocalState } from '../ports/local-state.ts';
import { formatInstant } from '../time.ts';
import { instant, text } from './fields.ts';
import { encodeGrant, grantMessage } from './grant.ts';
import { encodeScope, scopesMessage } from './messages.ts';
import { encodeRequest, requestMessage } from './request.ts';

const stateDocument = v.pipe(
  v.object({
    version: v.literal(1),
    grants: v.array(v.object({ server: text, account: text, view: grantMessage })),
    requests: v.array(v.object({ server: text, view: requestMessage })),
    servers: v.record(
      v.string(),
      v.object({
        name: text,
        as_of: instant,
        scopes: scopesMessage.entries.scopes,
        inbox: v.optional(v.array(text)),
      }),
    ),
  }),
  v.transform(
    (wire): LocalState => ({
      grants: wire.grants,
      requests: wire.requests,
      servers: Object.fromEntries(
        Object.entries(wire.servers).map(([server, { as_of, inbox, ...known }]) => [
          server,
          { ...known, asOf: as_of, ...(inbox ? { inbox } : {}) },
        ]),
      ),
    }),
  ),
);

/** What this machine remembers, as one JSON document. There is no secret in it. */
export function encodeLocalState(state: LocalState): string {
  const document: v.InferInput<typeof stateDocument> = {
    version: 1,
    grants: state.grants.map((held) => ({ ...held, view: encodeGrant(held.view) })),
    requests: state.requests.map((held) => ({ ...held, view: encodeRequest(held.view) })),
    servers: Object.fromEntries(
      Object.entries(state.servers).map(([server, { name, asOf, scopes, inbox }]) => [
        server,
        {
          name,
          as_of: formatInstant(asOf),
          scopes: scopes.map(encodeScope),
          ...(inbox ? { inbox: [...inbox] } : {}),
        },
      ]),
    ),
  };
  return `${JSON.stringify(document)}\n`;
}

/** Undefined for anything that `encodeLocalState` did not write. */
export function decodeLocalState(document: string): LocalState | undefined {
  try {
    const parsed = v.safeParse(stateDocument, JSON.parse(document));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
