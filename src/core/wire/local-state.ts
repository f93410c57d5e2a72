import * as v from 'valibot';
import type { HeldGrant, LocalState, Wish } from '../ports/local-state.ts';
import { formatInstant } from '../time.ts';
import { instant, seconds, text } from './fields.ts';
import { encodeGrant, grantMessage } from './grant.ts';
import { encodeScope, scopesMessage } from './messages.ts';
import { encodeRequest, requestMessage } from './request.ts';

const wish = v.pipe(
  v.object({
    scopes: v.array(text),
    target: v.nullable(text),
    duration_seconds: v.nullable(seconds),
  }),
  v.transform(
    ({ scopes, target, duration_seconds }): Wish => ({ scopes, target, durationSeconds: duration_seconds }),
  ),
);

function encodeWish({ scopes, target, durationSeconds }: Wish): v.InferInput<typeof wish> {
  return { scopes: [...scopes], target, duration_seconds: durationSeconds };
}

const held = v.pipe(
  v.object({ server: text, account: text, view: grantMessage, lent: v.optional(v.boolean()) }),
  v.transform(({ lent, ...known }): HeldGrant => (lent ? { ...known, isLent: true } : known)),
);

function encodeHeld({ server, account, view, isLent }: HeldGrant): v.InferInput<typeof held> {
  return { server, account, view: encodeGrant(view), ...(isLent ? { lent: true } : {}) };
}

const stateDocument = v.pipe(
  v.object({
    version: v.literal(1),
    grants: v.array(held),
    requests: v.array(v.object({ server: text, view: requestMessage })),
    servers: v.record(
      v.string(),
      v.object({
        name: text,
        as_of: instant,
        scopes: scopesMessage.entries.scopes,
        inbox: v.optional(v.array(text)),
        lately: v.optional(v.array(wish)),
        wish: v.optional(wish),
      }),
    ),
  }),
  v.transform(
    (wire): LocalState => ({
      grants: wire.grants,
      requests: wire.requests,
      servers: Object.fromEntries(
        Object.entries(wire.servers).map(([server, { as_of, inbox, lately, wish, ...known }]) => [
          server,
          {
            ...known,
            asOf: as_of,
            ...(inbox ? { inbox } : {}),
            ...(lately ? { lately } : {}),
            ...(wish ? { wish } : {}),
          },
        ]),
      ),
    }),
  ),
);

/** What this machine remembers, as one JSON document. There is no secret in it. */
export function encodeLocalState(state: LocalState): string {
  const document: v.InferInput<typeof stateDocument> = {
    version: 1,
    grants: state.grants.map(encodeHeld),
    requests: state.requests.map(({ server, view }) => ({ server, view: encodeRequest(view) })),
    servers: Object.fromEntries(
      Object.entries(state.servers).map(([server, { name, asOf, scopes, inbox, lately, wish }]) => [
        server,
        {
          name,
          as_of: formatInstant(asOf),
          scopes: scopes.map(encodeScope),
          ...(inbox ? { inbox: [...inbox] } : {}),
          ...(lately ? { lately: lately.map(encodeWish) } : {}),
          ...(wish ? { wish: encodeWish(wish) } : {}),
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
