import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { Delivery } from '../../broker/delivery.ts';
import type { Asker, Broker } from '../../broker/parts.ts';
import type { Waiters } from '../waiters.ts';

/** hono on node: the socket is there. */
export type ApiEnvironment = { readonly Bindings: HttpBindings };

/** What every resource of `/v1` is built from. */
export type ApiParts = {
  readonly broker: Broker;
  readonly claim: (asker: Asker, requestId: string) => Promise<Delivery>;
  readonly waiters: Waiters;
  /** Who is calling, proved; throws `login_needed` or `session_expired`. */
  readonly authenticate: (c: Context<ApiEnvironment>) => Promise<Asker>;
};
