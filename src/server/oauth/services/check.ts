import type { ProtocolStore } from '../../../core/ports/protocol-store.ts';
import { isPlainRecord } from '../json.ts';
import { type Demand, type Presented, type Refusal, readPresented } from '../tokens/presented.ts';
import { verifyProof } from '../tokens/proof.ts';
import { type IntrospectionAnswer, type IntrospectionOptions, introspect } from './introspection.ts';
import type { ResourceServer } from './resource-servers.ts';

export type CheckOptions = IntrospectionOptions & { readonly protocol: ProtocolStore };

/** A request that reached a proxy, as the proxy tells of it, and what the service behind it wants. */
export type CheckQuestion = Demand & {
  readonly asker: ResourceServer;
  readonly authorization: string | undefined;
  readonly proof: string | undefined;
  readonly method: string;
  /** Where its caller sent it: for the proof. */
  readonly url: string;
};

export type CheckAnswer =
  | { readonly ok: true; readonly token: Extract<IntrospectionAnswer, { readonly active: true }> }
  | ({ readonly ok: false } & Refusal);

/** All that a proxy has to know of a request: is its token live, for this service, of the scope, and its bearer's own? */
export async function check(question: CheckQuestion, options: CheckOptions): Promise<CheckAnswer> {
  const presented = readPresented(question.authorization);
  if (!presented) {
    const error = question.authorization ? 'invalid_token' : 'no_token';
    return { ok: false, error, scheme: 'Bearer' };
  }
  const { scheme } = presented;
  const token = await introspect({ token: presented.token, asker: question.asker }, withoutUse(options));
  if (!token.active || token.aud !== question.audience) return { ok: false, error: 'invalid_token', scheme };
  const thumbprint = isPlainRecord(token.cnf) ? String(token.cnf.jkt) : null;
  // A bound token without its proof is as good as stolen, and a proof for a bearer token proves nothing.
  if ((thumbprint !== null) !== (scheme === 'DPoP')) return { ok: false, error: 'invalid_token', scheme };
  if (thumbprint !== null && !(await claimProof(question, { presented, thumbprint }, options)))
    return { ok: false, error: 'invalid_dpop_proof', scheme };
  const isCovered = String(token.scope)
    .split(' ')
    .includes(question.scope ?? '');
  if (!isCovered) return { ok: false, error: 'insufficient_scope', scheme };
  await options.recordUse(String(token.grant_id));
  return { ok: true, token };
}

/** What is refused is no use of the grant: a thief without the key must not keep it from ending idle. */
function withoutUse(options: CheckOptions): CheckOptions {
  return { ...options, recordUse: async () => {} };
}

async function claimProof(
  { proof: text, method, url }: CheckQuestion,
  { presented, thumbprint }: { readonly presented: Presented; readonly thumbprint: string },
  { clock, protocol }: CheckOptions,
): Promise<boolean> {
  const demand = { method, url, accessToken: presented.token, now: clock.now() };
  const proof = await verifyProof(text ?? '', demand);
  if (proof?.thumbprint !== thumbprint) return false;
  const id = `${thumbprint} ${proof.id}`;
  return protocol.insertOnce({
    kind: 'ReplayDetection',
    id,
    expiresAt: proof.rememberUntil,
    isBrief: true,
  });
}
