import type { OidcChoice } from '../../../core/client-config.ts';
import { EMPTY_CREDENTIAL } from '../../../core/credential.ts';
import { fail, type JitError } from '../../../core/errors.ts';
import type { ApprovalBackend, Submission } from '../../../core/ports/backend.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { Ids } from '../../../core/ports/ids.ts';
import type { Provider, ProviderOrder, ProviderPrompt, ProviderToken } from '../../../core/ports/provider.ts';
import type { SessionSource } from '../../../core/ports/session.ts';
import type { Secret } from '../../../core/secret.ts';
import type { Claimed, GrantView } from '../../../core/view.ts';
import { createHeldGrants } from './held-grants.ts';
import { judgeAnswer } from './judge-answer.ts';
import { refuseTheRest } from './not-offered.ts';
import { createOnceByKey } from './once-by-key.ts';
import { buildGrant, buildRequest, describeDecision, listScopeViews } from './views.ts';

export type OidcBackendOptions = {
  readonly choice: OidcChoice;
  readonly provider: Provider;
  readonly session: Pick<SessionSource, 'read'>;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'newRequestId' | 'newGrantId'>;
  /** What this machine holds: there is nobody else to ask. */
  readonly listGrants: () => Promise<readonly GrantView[]>;
  readonly readToken: (grant: GrantView) => Promise<Secret | undefined>;
  readonly show: (prompt: ProviderPrompt) => void;
  readonly signal: AbortSignal | undefined;
};

/**
 * An OAuth provider alone: the token that it gives is the grant. What it has no word for (reviewers, an inbox, more
 * time, other people's history) rejects with `not_offered`.
 */
export function createOidcBackend(options: OidcBackendOptions): ApprovalBackend {
  const { choice, provider, session, clock } = options;
  const askOnce = createOnceByKey((submission) => ask(options, submission));
  return {
    ...refuseTheRest(choice.issuer),
    ...createHeldGrants(options),
    address: choice.issuer,
    readPerson: async () => {
      // Who somebody is rests here: that the provider is there, and is that one, is said by it alone.
      await provider.look();
      const { name, way, loggedInAt = clock.now() } = await session.read();
      const login = { method: way.kind, at: loggedInAt };
      return { subject: name, name, kind: 'person', groups: [], login };
    },
    listScopes: async () => listScopeViews(choice),
    preview: async () => ({
      decision: describeDecision(choice, 'needs_people', 'decides once it is asked, not before'),
      canApprove: [],
    }),
    submit: async (submission) => {
      const claimed = await askOnce(submission);
      return { request: claimed.request, claimed };
    },
    abandon: async ({ token }) => {
      await provider.revoke(token);
      return 'gone';
    },
  };
}

async function ask(options: OidcBackendOptions, submission: Submission): Promise<Claimed> {
  const { choice, provider, clock, ids, session } = options;
  const target = requireAskable(choice, submission);
  const { name: by, way, dpopKey } = await session.read();
  const given = await provider.ask({
    way: way.kind === 'browser' ? 'browser' : 'device',
    name: by,
    scopes: submission.scopes,
    resource: target.resource,
    details: buildDetails(choice, submission),
    key: target.isBound ? dpopKey : null,
    show: options.show,
    signal: options.signal,
  });
  const at = clock.now();
  const judged = judgeAnswer({ choice, submission, given, at });
  if (!judged.ok) return refuse(provider, { given, error: judged.error });
  const { scopes, expiresAt } = judged;
  const [requestId, grantId] = [ids.newRequestId(), ids.newGrantId()];
  const granting = { choice, submission, scopes, expiresAt, by, at, requestId, grantId };
  const terms = { expiresAt, boundTo: given.boundTo };
  const request = buildRequest(granting);
  return { request, grant: buildGrant(granting), token: given.token, terms, credential: EMPTY_CREDENTIAL };
}

function requireAskable(choice: OidcChoice, submission: Submission): OidcChoice['targets'][number] {
  const refuse = (what: string): Error => fail('not_offered', { address: choice.issuer, what });
  if (submission.extendsGrantId !== null) throw refuse('more time for a grant; ask for a new one');
  if (submission.breakGlass) throw refuse('break-glass');
  const target = choice.targets.find(({ name }) => name === submission.target);
  if (!target) throw fail('unknown_target', { target: submission.target });
  for (const name of submission.scopes) {
    const scope = choice.scopes.find((one) => one.name === name);
    if (!scope) throw fail('unknown_scope', { scope: name });
    const { targets } = scope;
    if (!targets.includes(target.name))
      throw fail('wrong_target', { scope: name, target: target.name, targets });
  }
  return target;
}

function buildDetails(choice: OidcChoice, submission: Submission): ProviderOrder['details'] {
  if (choice.detailsType === null) return null;
  const { resource } = choice.targets.find(({ name }) => name === submission.target) ?? { resource: null };
  return {
    type: choice.detailsType,
    actions: submission.scopes,
    ...(resource === null ? {} : { locations: [resource] }),
    target: submission.target,
    duration_seconds: submission.durationSeconds,
    reason: submission.reason,
    ...(submission.ticket === null ? {} : { ticket: submission.ticket }),
  };
}

type Refused = { readonly given: ProviderToken; readonly error: JitError };

/** What is not wanted is nobody's: both of its tokens are given back, and not kept. */
async function refuse(provider: Provider, { given, error }: Refused): Promise<never> {
  if (given.refreshToken) await provider.revoke(given.refreshToken).catch(() => false);
  await provider.revoke(given.token).catch(() => false);
  throw error;
}
