import type { Instant } from '../core/time.ts';
import { isPlainRecord } from '../server/oauth/json.ts';
import type { GrantToken } from '../server/oauth/tokens/grant-token.ts';
import { type IncomingCall, type JudgeParts, judge } from './judge.ts';
import { createServerKeys } from './keys.ts';
import { createLiveness, LONGEST_BELIEVED_MS } from './liveness.ts';
import { readOptions, readWanted, type VerifierOptions, type Wanted } from './options.ts';
import { createProofMemory } from './proofs.ts';
import { buildRefusal, type Refused } from './refusal.ts';
import { followRevocations } from './revocations.ts';
import { createServerCalls, type ServerCalls } from './server-calls.ts';

export type { IncomingCall } from './judge.ts';
export type { Wanted } from './options.ts';

/** Whose request it is, and by which grant. */
export type VerifiedToken = {
  readonly subject: string;
  readonly scopes: readonly string[];
  readonly grantId: string;
  readonly tokenId: string;
  readonly expiresAt: Instant;
  /** Only the holder of its key could send this request. */
  readonly isBound: boolean;
};

export type Verdict = { readonly ok: true; readonly token: VerifiedToken } | Refused;

export type Verifier = {
  /** Never rejects: what cannot be judged is refused with 503. */
  readonly verify: (call: IncomingCall, wanted?: Wanted) => Promise<Verdict>;
  /** Ends the event stream; without `events` there is nothing to end. */
  readonly close: () => void;
};

/** Judges the grant tokens of one jit server for one service. `config_invalid` for options that cannot work. */
export function createVerifier(options: VerifierOptions): Verifier {
  const settings = readOptions(options);
  const { audience, clock, onError } = settings;
  const calls = createServerCalls(settings);
  const revocations = settings.hasEvents
    ? followRevocations({ calls, clock, onError, rememberMs: 2 * LONGEST_BELIEVED_MS })
    : undefined;
  const ask = (token: string): Promise<boolean> => askWhetherActive(calls, token);
  const parts: JudgeParts = {
    ...settings,
    keys: createServerKeys({ ...settings, calls }),
    findLife: settings.asker ? createLiveness({ ...settings, ask, revocations }) : async () => 'live',
    claimProof: options.claimProof ?? createProofMemory({ clock }),
  };
  return {
    verify: async (call, wanted = {}) => {
      const demand = { audience, scope: wanted.scope };
      try {
        const scope = readWanted(wanted);
        const judged = await judge(parts, call, scope);
        return 'error' in judged ? buildRefusal(judged, demand) : { ok: true, token: describe(judged) };
      } catch (error) {
        onError(error);
        return buildRefusal({ error: 'unavailable', scheme: 'Bearer' }, demand);
      }
    },
    close: () => revocations?.close(),
  };
}

async function askWhetherActive(calls: ServerCalls, token: string): Promise<boolean> {
  const answer = await calls.read('/oauth/introspect', new URLSearchParams({ token }));
  if (isPlainRecord(answer) && typeof answer.active === 'boolean') return answer.active;
  throw new TypeError('the server does not say whether the token is active');
}

function describe(token: GrantToken): VerifiedToken {
  const { subject, grantId, tokenId, expiresAt } = token;
  const scopes = token.scope.split(' ');
  return { subject, scopes, grantId, tokenId, expiresAt, isBound: token.keyThumbprint !== undefined };
}
