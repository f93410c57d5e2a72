import { LONGEST_NEXT_CHARACTERS } from '../../core/limits.ts';
import type { LoginDemand } from '../../core/step-up.ts';
import { writeLoginDemand } from '../oauth/login/demand.ts';

const PLAIN_PATH = /^\/(?!\/)[\x21-\x5b\x5d-\x7e]*$/;
const LOGIN = /^\/log(in|out)(?![^/?])/;

/**
 * Where to go after a login: a path of our own, and `/` for everything else (OAU-03). What a browser makes of it is
 * judged, not what is written: `/.//evil.example` leads elsewhere.
 */
export function parseNext(text: string | undefined): string {
  if (text === undefined || text.length > LONGEST_NEXT_CHARACTERS || !PLAIN_PATH.test(text)) return '/';
  const url = URL.parse(text, 'https://own.invalid');
  if (url?.origin !== 'https://own.invalid') return '/';
  const path = url.pathname + url.search;
  return PLAIN_PATH.test(path) && !LOGIN.test(path) ? path : '/';
}

/** The address of the login page that leads on to `next`; with a demand, to a login that is what is asked for (RFC 9470). */
export function buildLoginPath(login: {
  readonly next: string;
  readonly demand?: LoginDemand | null;
  /** Somebody else wants to log in, whoever is logged in now. */
  readonly asOther?: boolean;
}): string {
  const query = new URLSearchParams({
    next: parseNext(login.next),
    ...(login.demand ? writeLoginDemand(login.demand) : {}),
    ...(login.asOther ? { as: 'other' } : {}),
  });
  return `/login?${query}`;
}
