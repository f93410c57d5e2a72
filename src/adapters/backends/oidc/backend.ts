import type { OidcChoice } from '../../../core/client-config.ts';
import { EMPTY_CREDENTIAL } from '../../../core/credential.ts';
import { fail } from '../../../core/errors.ts';
import type { ApprovalBackend, Submission } from '../../../core/ports/backend.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { Ids } from '../../../core/ports/ids.ts';
import type { Provider, ProviderOrder, ProviderToken } from '../../../core/ports/provider.ts';
import type { DevicePrompt, SessionSource } from '../../../core/ports/session.ts';
import type { Secret } from '../../../core/secret.ts';
import type { Claimed, GrantView } from '../../../core/view.ts';
import { createHeldGrants } from './held-grants.ts';
import { refuseTheRest } from './not-offered.ts';
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
  readonly show: (prompt: DevicePrompt) => void;
  readonly signal: AbortSignal | undefined;
};

/**
 * An OAuth provider alone: the token that it gives is the grant. What it has no word for (reviewers, an inbox, more
 * time, other people's history) rejects with `not_offered`.
 */
export function createOidcBackend(options: OidcBackendOptions): ApprovalBackend {
  const { choice, session, clock } = options;
  return {
    ...refuseTheRest(choice.issuer),
    ...createHeldGrants(options),
    address: choice.issuer,
    readPerson: async () => {
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
      const claimed = await ask(options, submission);
      return { request: claimed.request, claimed };
    },
  };
}

async function ask(options: OidcBackendOptions, submission: Submission): Promise<Claimed> {
  const { choice, provider, clock, ids, session } = options;
  const target = requireAskable(choice, submission);
  const { name: by, dpopKey } = await session.read();
  const given = await provider.ask({
    scopes: submission.scopes,
    resource: target.resource,
    details: buildDetails(choice, submission),
    key: target.isBound ? dpopKey : null,
    show: options.show,
    signal: options.signal,
  });
  const scopes = await requireNoMore(provider, { submission, given });
  const grantId = ids.newGrantId();
  const granting = {
    ...{ choice, submission, given, scopes, by, grantId },
    at: clock.now(),
    requestId: ids.newRequestId(),
  };
  const terms = { expiresAt: given.expiresAt, boundTo: given.boundTo };
  const request = buildRequest(granting);
  return { request, grant: buildGrant(granting), token: given.token, terms, credential: EMPTY_CREDENTIAL };
}

function requireAskable(choice: OidcChoice, submission: Submission): OidcChoice['targets'][number] {
  const refuse = (what: string): Error => fail('not_offered', { address: choice.issuer, what });
  if (submission.extendsGrantId !== null) throw refuse('more time for a grant; ask for a new one');
  if (submission.breakGlass) throw refuse('break-glass');
  const target = choice.targets.find(({ name }) => name === submission.target);
  if (!target) throw refuse(`the target ${submission.target}, which is not in the profile`);
  for (const name of submission.scopes) {
    const scope = choice.scopes.find((one) => one.name === name);
    if (!scope?.targets.includes(target.name))
      throw refuse(`${name} on ${target.name}, which is not in the profile`);
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

type Given = { readonly submission: Submission; readonly given: ProviderToken };

/** A token with none of what was asked for, or with more, is given back at once and not kept. */
async function requireNoMore(provider: Provider, { submission, given }: Given): Promise<readonly string[]> {
  const more = given.scopes.filter((scope) => !submission.scopes.includes(scope));
  if (more.length === 0 && given.scopes.length > 0) return given.scopes;
  await provider.revoke(given.token).catch(() => false);
  if (more.length === 0)
    throw fail('denied', { id: submission.scopes.join(' '), why: 'the provider gave none of it' });
  throw fail('bad_answer', {
    address: provider.address,
    why: `it gave more than was asked for: ${more.join(' ')}`,
  });
}
