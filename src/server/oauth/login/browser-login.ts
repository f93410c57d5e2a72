import type { IncomingMessage, ServerResponse } from 'node:http';
import { errors, type Provider } from 'oidc-provider';
import type { LoginDemand } from '../../../core/step-up.ts';
import { type Instant, SECOND_MS } from '../../../core/time.ts';
import { SESSION_SCOPES } from '../client.ts';
import type { RecordSessionEvent } from '../events.ts';
import { readLoginDemand } from './demand.ts';

/** Where a browser is asked; the provider sends it here, and has no page of its own. */
export const INTERACTION_PATH = '/oauth/interaction';

/** A request and its answer, as Node has them: the provider knows a browser by its cookies. */
export type BrowserExchange = {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
};

/** What the person is asked to confirm. Program, host and purpose are the client's own words. */
export type PendingBrowserLogin = {
  readonly program: string;
  readonly host: string | null;
  readonly purpose: string | null;
  readonly startedAt: Instant;
  readonly expiresAt: Instant;
  /** The login that the client asked for (RFC 9470); null: any. */
  readonly demand: LoginDemand | null;
  /** The loopback origin that the answer goes to. */
  readonly returnOrigin: string;
};

export type BrowserDecision =
  | {
      readonly decision: 'approve';
      readonly subject: string;
      readonly authenticatedAt: Instant;
      readonly strengths: readonly string[];
    }
  | { readonly decision: 'deny'; readonly subject: string; readonly address: string };

/** The server's half of `jit login --browser`: a person looks at who asks, and says yes or no. */
export interface BrowserLogin {
  /** Undefined for an interaction that is over, or was begun in another browser. */
  find(exchange: BrowserExchange): Promise<PendingBrowserLogin | undefined>;
  /** Where the browser goes next, which is on to the program that asked; undefined as above. */
  decide(exchange: BrowserExchange, decision: BrowserDecision): Promise<string | undefined>;
}

export function createBrowserLogin(options: {
  readonly provider: Provider;
  readonly onEvent: RecordSessionEvent;
}): BrowserLogin {
  const { provider, onEvent } = options;
  return {
    async find(exchange) {
      const interaction = await findInteraction(provider, exchange);
      return interaction && describe(interaction);
    },
    async decide(exchange, decision) {
      const interaction = await findInteraction(provider, exchange);
      if (!interaction) return undefined;
      const { incoming, outgoing } = exchange;
      if (decision.decision === 'deny') {
        await recordDenial(onEvent, decision);
        return provider.interactionResult(incoming, outgoing, DENIED);
      }
      const { subject: accountId, authenticatedAt, strengths } = decision;
      const grant = new provider.Grant({ accountId, clientId: String(interaction.params.client_id) });
      grant.addOIDCScope(readScope(interaction.params.scope));
      const ts = Math.floor(authenticatedAt / SECOND_MS);
      return provider.interactionResult(incoming, outgoing, {
        login: { accountId, ts, amr: [...strengths], remember: false },
        consent: { grantId: await grant.save() },
      });
    },
  };
}

const DENIED = { error: 'access_denied', error_description: 'denied in the browser' } as const;

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;

/** The provider finds it by a cookie; an address that names another one is not answered with this one. */
async function findInteraction(
  provider: Provider,
  { incoming, outgoing }: BrowserExchange,
): Promise<Interaction | undefined> {
  try {
    const found = await provider.interactionDetails(incoming, outgoing);
    const path = (incoming.url ?? '').split('?')[0];
    return path === `${INTERACTION_PATH}/${found.uid}` ? found : undefined;
  } catch (error) {
    if (error instanceof errors.SessionNotFound) return undefined;
    throw error;
  }
}

async function recordDenial(
  onEvent: RecordSessionEvent,
  { subject, address }: { readonly subject: string; readonly address: string },
): Promise<void> {
  const detail = { because: 'denied in the browser', address };
  await onEvent({ kind: 'session.refused', subject, sessionId: null, detail });
}

function describe({ params, iat, exp }: Interaction): PendingBrowserLogin {
  return {
    program: readText(params.jit_program) ?? String(params.client_id),
    host: readText(params.jit_host),
    purpose: readText(params.jit_purpose),
    startedAt: iat * SECOND_MS,
    expiresAt: exp * SECOND_MS,
    demand: readLoginDemand(params),
    returnOrigin: new URL(String(params.redirect_uri)).origin,
  };
}

function readScope(scope: unknown): string {
  const asked = (readText(scope) ?? '').split(' ');
  return SESSION_SCOPES.filter((name) => asked.includes(name)).join(' ');
}

function readText(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
