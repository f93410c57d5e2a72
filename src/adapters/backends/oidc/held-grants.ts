import { fail } from '../../../core/errors.ts';
import type { EndCause } from '../../../core/grant.ts';
import { NOT_REVOKED } from '../../../core/grant.ts';
import type { ApprovalBackend } from '../../../core/ports/backend.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { Provider } from '../../../core/ports/provider.ts';
import type { Secret } from '../../../core/secret.ts';
import type { Instant } from '../../../core/time.ts';
import type { GrantView } from '../../../core/view.ts';

export type HeldGrantsOptions = {
  readonly provider: Provider;
  readonly clock: Clock;
  readonly listGrants: () => Promise<readonly GrantView[]>;
  readonly readToken: (grant: GrantView) => Promise<Secret | undefined>;
};

/** The grants of this machine, looked at and given back at the provider. */
export function createHeldGrants(
  options: HeldGrantsOptions,
): Pick<ApprovalBackend, 'readStatus' | 'readGrant' | 'reportUse' | 'revoke'> {
  const { clock, listGrants } = options;
  const find = async (id: string): Promise<GrantView> => {
    const found = (await listGrants()).find((grant) => grant.id === id);
    if (!found) throw fail('not_found', { what: `grant ${id} on this machine` });
    return found;
  };
  const readGrant = async (id: string): Promise<GrantView> => look(options, await find(id));
  return {
    readGrant,
    reportUse: readGrant,
    readStatus: async ({ timeoutMs } = {}) => {
      const asOf = clock.now();
      const looking = lookAtAll(options);
      const grants = await bounded(options, { looking, timeoutMs });
      return { asOf, requests: [], grants: grants.filter(({ state }) => state !== 'ended') };
    },
    revoke: async (id, because) => takeBack(options, { grant: await find(id), because }),
  };
}

async function lookAtAll(options: HeldGrantsOptions): Promise<readonly GrantView[]> {
  const grants = await options.listGrants();
  return Promise.all(grants.map((grant) => look(options, grant)));
}

/** The grant as the provider sees it; where it does not say, as it was given. */
async function look({ provider, clock, readToken }: HeldGrantsOptions, grant: GrantView): Promise<GrantView> {
  const token = isOf(provider, grant) ? await readToken(grant) : undefined;
  const isActive = token && (await provider.introspect(token));
  return isActive === false ? end(grant, { at: clock.now(), because: 'revoked' }) : grant;
}

type Bound = {
  readonly looking: Promise<readonly GrantView[]>;
  readonly timeoutMs: number | undefined;
};

async function bounded(
  { clock, provider }: HeldGrantsOptions,
  { looking, timeoutMs }: Bound,
): Promise<readonly GrantView[]> {
  if (timeoutMs === undefined) return looking;
  const late = new AbortController();
  const expire = async (): Promise<never> => {
    await clock.sleep(timeoutMs, late.signal);
    throw fail('unreachable', { address: provider.address, why: `no answer within ${timeoutMs} ms` });
  };
  try {
    return await Promise.race([looking, expire()]);
  } finally {
    late.abort();
  }
}

type TakingBack = { readonly grant: GrantView; readonly because: 'done' | 'revoked' };

/** Confirmed only by the provider's 200 and, where it can be asked, by its word that the token is not good any more. */
async function takeBack(options: HeldGrantsOptions, { grant, because }: TakingBack): Promise<GrantView> {
  const { provider, clock, readToken } = options;
  if (!isOf(provider, grant)) throw describeElsewhere(provider, grant);
  const token = await readToken(grant);
  if (!token) throw fail('no_grant', { why: `the keychain has nothing for ${grant.id}` });
  if (!(await provider.revoke(token))) return describeUnending(provider, grant);
  if (await provider.introspect(token))
    throw fail('not_confirmed', {
      next: 'jit done tries again; nobody else does',
      id: grant.id,
      why: `${provider.address} still says that its token is good`,
    });
  return end(grant, { at: clock.now(), because });
}

/** A token goes to whom it is from and to nobody else: another one would learn it, and take back whatever it is given. */
function isOf({ address }: Provider, { url }: GrantView): boolean {
  return url === address;
}

function describeElsewhere({ address }: Provider, { id, url }: GrantView): Error {
  return fail('no_grant', {
    why: `${id} was given by ${url}, and the profile names ${address}`,
    next: `name ${url} in the profile again to give it back; it ends by itself otherwise`,
  });
}

function describeUnending({ address }: Provider, grant: GrantView): GrantView {
  const lastError = `${address} takes no token back: this one is good until it ends by itself`;
  return { ...grant, state: 'revoking', revocation: { ...NOT_REVOKED, attempts: 1, lastError } };
}

function end(
  grant: GrantView,
  { at, because }: { readonly at: Instant; readonly because: EndCause },
): GrantView {
  return {
    ...grant,
    state: 'ended',
    endedAt: at,
    endedBecause: because,
    // The token was all that there was.
    revocation: { ...NOT_REVOKED, token: 'revoked', target: 'gone', confirmed: true, attempts: 1 },
  };
}
