import { randomInt } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { fail } from '../../core/errors.ts';
import type { Principal } from '../../core/principal.ts';
import { Secret } from '../../core/secret.ts';
import type { Attempts } from './attempts.ts';
import type { PinIdentity } from './identity.ts';
import { isSameText } from './sealed-text.ts';

export type DevelopmentUser = { readonly name: string; readonly groups: readonly string[] };

const WINDOW_SECONDS = 600;
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
        { name: `pin name ${claim.name}`, limit: 10, windowSeconds: WINDOW_SECONDS },
        { name: `pin address ${claim.address}`, limit: 20, windowSeconds: WINDOW_SECONDS },
        { name: 'pin', limit: 30, windowSeconds: WINDOW_SECONDS },
      ]);
      const isRight = isSameText(claim.pin, pin.reveal());
      const person = people.get(`dev:${claim.name}`);
      if (!attempt || !isRight || !person) return undefined;
      await attempt.succeed();
      return person;
    },
  };
}

function buildPerson(user: DevelopmentUser): Principal {
  return { subject: `dev:${user.name}`, name: user.name, kind: 'person', groups: user.groups };
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
