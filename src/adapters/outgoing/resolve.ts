import { promises as dns, type LookupAddress } from 'node:dns';
import { isLoopbackHost } from '../../core/config/address.ts';
import { fail } from '../../core/errors.ts';
import { createBlockMatcher, findAddressKind } from './address-kind.ts';

/** All addresses of a name, as the system resolves it; an address resolves to itself. */
export type Lookup = (host: string) => Promise<readonly LookupAddress[]>;

export const lookUpAll: Lookup = (host) => dns.lookup(host, { all: true, verbatim: true });

/** The addresses to connect to; throws `unreachable` that says which one no configured host may have. */
export type Resolve = (url: URL) => Promise<readonly LookupAddress[]>;

/**
 * Resolves and judges in one step: what is returned is what is connected to, so a name that is answered differently the
 * next time changes nothing. One address that is not allowed spoils them all.
 */
export function createResolve(options: {
  readonly lookUp: Lookup;
  /** Blocks of private addresses that hosts may have. */
  readonly allow: readonly string[];
}): Resolve {
  const isAllowed = createBlockMatcher(options.allow);
  return async ({ hostname, origin }) => {
    const host = hostname.replace(/^\[|\]$/g, '');
    const found = await options.lookUp(host);
    const whys = found.map(({ address }) => findFault(address, { host, isAllowed }));
    const why = found.length === 0 ? 'the name has no address' : whys.find((fault) => fault !== undefined);
    if (why !== undefined) throw fail('unreachable', { address: origin, why });
    return found;
  };
}

type Judging = { readonly host: string; readonly isAllowed: (address: string) => boolean };

function findFault(address: string, { host, isAllowed }: Judging): string | undefined {
  const kind = findAddressKind(address);
  if (kind === 'public' || (kind === 'loopback' && isLoopbackHost(host))) return undefined;
  if (kind === 'never') return `${address} is no address of another system`;
  return isAllowed(address) ? undefined : `${address} is ${kind}, and not in "outgoing.allow"`;
}
