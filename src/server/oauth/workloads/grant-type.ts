import { errors, type Provider, type TokenEndpointGrantContext } from 'oidc-provider';
import { hasCode } from '../../../core/errors.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { ProtocolStore } from '../../../core/ports/protocol-store.ts';
import { SECOND_MS } from '../../../core/time.ts';
import type { ReadAddress } from '../../http/address.ts';
import { WORKLOAD_GRANT } from '../client.ts';
import type { RecordSessionEvent } from '../events.ts';
import { ROUTES } from '../provider/configuration.ts';
import { ACCESS_TOKEN_SECONDS } from '../provider/lifetimes.ts';
import { type Proof, verifyProof } from '../tokens/proof.ts';
import type { Exchange, Exchanged } from './exchange.ts';
import { buildWorkload } from './identity.ts';

export type GrantTypeOptions = {
  readonly url: string;
  readonly exchange: Exchange;
  readonly protocol: ProtocolStore;
  readonly clock: Clock;
  readonly onEvent: RecordSessionEvent;
  readonly onError: (error: unknown) => void;
  readonly readAddress: ReadAddress;
};

type Context = TokenEndpointGrantContext<{ readonly assertion?: string }>;

/** RFC 7523 §2.1: a workload's token for an access token that is bound to the key, and ends with the token. */
export function registerWorkloadGrant(provider: Provider, options: GrantTypeOptions): void {
  provider.registerGrantType<{ readonly assertion?: string }>(
    WORKLOAD_GRANT,
    async (context) => answer(context, options),
    'assertion',
  );
}

/** Nothing is written down for whoever has no token of a known issuer: everyone can make a key, and proofs by it. */
async function answer(context: Context, options: GrantTypeOptions): Promise<void> {
  const token = context.oidc.params.assertion;
  if (!token) throw new errors.InvalidRequest('the assertion is missing');
  const proof = await requireProof(context, options);
  const exchanged = await exchange(token, options);
  if (exchanged.kind === 'refused') throw refuse(exchanged.why);
  await claimProof(proof, options);
  const { thumbprint } = proof;
  if (!(await exchanged.claimFor(thumbprint))) throw refuse('it came with another key before');
  context.body = await issue(context, { options, exchanged, thumbprint });
}

async function requireProof(context: Context, { url, clock }: GrantTypeOptions): Promise<Proof> {
  const demand = { method: 'POST', url: `${url}${ROUTES.token}`, now: clock.now() };
  const proof = await verifyProof(context.get('DPoP'), demand);
  if (!proof) throw refuseProof();
  return proof;
}

async function claimProof(proof: Proof, { protocol }: GrantTypeOptions): Promise<void> {
  const id = `${proof.thumbprint} ${proof.id}`;
  const use = { kind: 'ReplayDetection', id, expiresAt: proof.rememberUntil, isBrief: true } as const;
  if (!(await protocol.insertOnce(use))) throw refuseProof();
}

function refuseProof(): Error {
  return new errors.InvalidDpopProof('the DPoP proof does not hold');
}

/** The provider's own error for this keeps its words to itself. */
function refuse(why: string): Error {
  return new errors.CustomOIDCProviderError('invalid_grant', why);
}

/** Failures that were told: an issuer that is away refuses every token until it is asked again. */
const told = new WeakSet<Error>();

/** Whoever sent it cannot help that the issuer is away: they try again, and whoever runs this server is told once a try. */
async function exchange(token: string, { exchange: judge, onError }: GrantTypeOptions): Promise<Exchanged> {
  try {
    return await judge(token);
  } catch (error) {
    if (!hasCode(error, 'provider_failed')) throw error;
    if (!told.has(error)) onError(error);
    told.add(error);
    const refusal = new errors.CustomOIDCProviderError(
      'temporarily_unavailable',
      "the issuer's keys cannot be read",
    );
    throw Object.assign(refusal, { status: 503, statusCode: 503 });
  }
}

type Issue = {
  readonly options: GrantTypeOptions;
  readonly exchanged: Extract<Exchanged, { readonly kind: 'good' }>;
  readonly thumbprint: string;
};

async function issue(context: Context, { options, exchanged, thumbprint }: Issue): Promise<object> {
  const { provider, client } = context.oidc;
  const { clock, onEvent, readAddress } = options;
  const { rule, expiresAt, claimedSubject } = exchanged;
  const accountId = buildWorkload(rule).subject;
  const restSeconds = Math.floor((expiresAt - clock.now()) / SECOND_MS);
  const expiresIn = Math.max(1, Math.min(ACCESS_TOKEN_SECONDS, restSeconds));
  const grant = new provider.Grant({ accountId, clientId: client.clientId });
  // The provider's types do not know it; its models take it for their life.
  Object.assign(grant, { expiresIn });
  const grantId = await grant.save();
  const token = new provider.AccessToken({ accountId, client, grantId, gty: WORKLOAD_GRANT, expiresIn });
  token.setThumbprint('jkt', thumbprint);
  const accessToken = await token.save();
  const address = readAddress(context.req);
  const detail = { method: 'workload', address, issuer: rule.issuer, token_subject: claimedSubject };
  await onEvent({ kind: 'session.started', subject: accountId, sessionId: grantId, detail });
  return { access_token: accessToken, token_type: token.tokenType, expires_in: expiresIn };
}
