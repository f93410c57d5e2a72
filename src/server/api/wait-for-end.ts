import type { Grant } from '../../core/grant.ts';
import type { ApiParts } from './context.ts';

/**
 * The grant once it has ended, which is proof that it is gone, or once it is known when it will; or as it is when the time
 * is over.
 */
export async function waitForEnd(
  { broker, waiters }: Pick<ApiParts, 'broker' | 'waiters'>,
  grant: Grant,
  until: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<Grant> {
  const read = (): Promise<Grant | undefined> => broker.store.readGrant(grant.id);
  const look = async (): Promise<Grant | undefined> => {
    const current = await read();
    return current && isSettled(current) ? current : undefined;
  };
  return (await waiters.wait({ id: grant.id, look, ...until })) ?? (await read()) ?? grant;
}

function isSettled({ state, revocation }: Grant): boolean {
  return state === 'ended' || revocation.lingersUntil !== undefined;
}
