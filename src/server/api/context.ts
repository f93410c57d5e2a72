import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { Claim } from '../../broker/grant/claim.ts';
import type { Asker } from '../../broker/parts.ts';
import type { RequestLook } from '../../broker/view/look.ts';
import type { LiveParts } from '../live/live.ts';
import type { SharedLooks } from '../live/shared-looks.ts';
import type { Waiters } from '../live/waiters.ts';

/** hono on node: the socket is there. */
export type ApiEnvironment = { readonly Bindings: HttpBindings };

/** What every resource of `/v1` is built from. */
export type ApiParts = LiveParts & {
  readonly claim: Claim;
  readonly waiters: Waiters;
  readonly looks: SharedLooks<RequestLook | undefined>;
  /** Who is calling, proved; throws `login_needed` or `session_expired`. */
  readonly authenticate: (c: Context<ApiEnvironment>) => Promise<Asker>;
  /** Has the session that the call came with not been ended meanwhile? */
  readonly isStillLoggedIn: (c: Context<ApiEnvironment>) => Promise<boolean>;
  /** Who that is by now, for an answer that takes long; undefined once the session or its token has ended. */
  readonly authenticateAgain: (c: Context<ApiEnvironment>) => Promise<Asker | undefined>;
  /** Told of what is no fault of the caller's. */
  readonly onError: (error: unknown) => void;
};
