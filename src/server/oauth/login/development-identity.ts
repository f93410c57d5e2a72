import { randomInt } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { fail } from '../../../core/errors.ts';
import {
  GUESS_WINDOW_SECONDS,
  PIN_GUESSES_IN_ALL,
  PIN_GUESSES_PER_ADDRESS,
  PIN_GUESSES_PER_NAME,
} from '../../../core/limits.ts';
import type { Principal } from '../../../core/principal.ts';
import { Secret } from '../../../core/secret.ts';
import { findNetwork } from '../../http/network.ts';
import { isSameText } from '../tokens/sealed-text.ts';
import type { Attempts } from './attempts.ts';
import type { PinIdentity } from './identity.ts';

export type DevelopmentUser = {
  readonly name: string;
  readonly groups: readonly string[];
  /** The user that is the same human; null or left out: their own. */
  readonly sameAs?: string | null;
};

const PIN_DIGITS = 6;

/** The PIN that a server with development users prints at its start (OAU-08). */
export function makePin(): Secret {
  return new Secret(String(randomInt(10 ** PIN_DIGITS)).padStart(PIN_DIGITS, '0'));
}

/** People for one machine: anyone who knows the PIN may be any of them. Their subject is `dev:<name>`. */
export function createDevelopmentIdentity(options: {
  readonly users: readonly DevelopmentUser[];
  readonly pin: Secret;
  readonly attempts: Attempts;
}): PinIdentity {
  const { users, pin, attempts } = options;
  const people = new Map(users.map((user) => [`dev:${user.name}`, buildPerson(user)]));
  return {
    names: users.map((user) => user.name),
    find: async (subject) => people.get(subject),
    async verify(claim) {
      const attempt = await attempts.begin([
        { name: `pin name ${claim.name}`, limit: PIN_GUESSES_PER_NAME, windowSeconds: GUESS_WINDOW_SECONDS },
        {
          name: `pin address ${findNetwork(claim.address)}`,
          limit: PIN_GUESSES_PER_ADDRESS,
          windowSeconds: GUESS_WINDOW_SECONDS,
        },
        { name: 'pin', limit: PIN_GUESSES_IN_ALL, windowSeconds: GUESS_WINDOW_SECONDS },
      ]);
      const isRight = isSameText(claim.pin, pin.reveal());
      const person = people.get(`dev:${claim.name}`);
      if (!attempt || !isRight || !person) return undefined;
      await attempt.succeed();
      return person;
    },
  };
}

function buildPerson({ name, groups, sameAs }: DevelopmentUser): Principal {
  return { subject: `dev:${name}`, name, kind: 'person', groups, person: `dev:${sameAs ?? name}` };
}

/** Development users are for one machine: any other listen address throws `config_invalid` (OAU-08). */
export function requireLoopback(host: string): void {
  if (isLoopback(host)) return;
  const why = `development users need a loopback address, and ${host} is not one`;
  throw fail('config_invalid', { at: 'listen', why });
}

function isLoopback(host: string): boolean {
  if (isIPv4(host)) return host.startsWith('127.');
  return host === '::1' || host === '[::1]' || host === 'localhost';
}
