import { randomUUID } from 'node:crypto';
import { CODE_GUESSES_PER_CODE, LOGIN_WINDOW_SECONDS, LOGINS_PER_ADDRESS } from '../../../src/core/limits.ts';
import { Secret } from '../../../src/core/secret.ts';
import { createAttempts } from '../../../src/server/oauth/login/attempts.ts';
import { createDevelopmentIdentity } from '../../../src/server/oauth/login/development-identity.ts';
import { guessCode } from '../../../src/server/pages/code-guesses.ts';
import { makeProofKey, poll, startDevice } from '../../support/device-client.ts';
import { createMemoryProtocolStore } from '../../support/fakes/memory-protocol-store.ts';
import { startOAuthServer } from '../../support/oauth-server.ts';
import { openGround, type Probe, postForm } from '../ground.ts';

const START_AT = Date.UTC(2026, 10, 22, 14, 0, 0);
const PIN = '314159';

const findWindow = (): number => Math.floor(Date.now() / (LOGIN_WINDOW_SECONDS * 1000));

/** Limits on how often something is tried: is the last of so many still looked at? */
export const rateProbes = {
  LOGINS_PER_ADDRESS: async (size) => {
    await using server = await startOAuthServer();
    return (await beginLogins(server.url, size, () => ({}))).at(-1) === 200;
  },
  LOGINS_IN_ALL: async (size) => {
    for (;;) {
      const window = findWindow();
      await using ground = await openGround({ config: { trustedProxies: ['127.0.0.1'] } });
      // Whoever logged in for this test was one of them.
      const from = (index: number) => ({ 'x-forwarded-for': `203.0.113.${index % 200}` });
      const isLastLetIn = (await beginLogins(ground.server.url, size - 1, from)).at(-1) === 200;
      // Counted in two windows it says nothing.
      if (findWindow() === window) return isLastLetIn;
    }
  },
  LOGIN_WINDOW_SECONDS: async (size) => {
    await using server = await startOAuthServer();
    const windowMs = LOGIN_WINDOW_SECONDS * 1000;
    const startsAt = Math.ceil(Date.now() / windowMs) * windowMs;
    server.clock.skewMs = startsAt - Date.now();
    const before = await beginLogins(server.url, LOGINS_PER_ADDRESS + 1, () => ({}));
    server.clock.skewMs = startsAt + (size - 1) * 1000 - Date.now();
    const after = await beginLogins(server.url, 1, () => ({}));
    return before.at(-1) === 429 && after.at(-1) === 429;
  },
  POLL_INTERVAL_SECONDS: async (size) => {
    await using server = await startOAuthServer();
    const key = await makeProofKey();
    const { deviceCode } = await startDevice(server.url);
    const polledAt = Date.now();
    await poll(server.url, key, deviceCode);
    // A fifth less than the interval is let through; what the two polls take themselves is less than the rest.
    server.clock.skewMs = polledAt + size * 800 - 400 - Date.now();
    return (await poll(server.url, key, deviceCode)).body.error === 'slow_down';
  },
  GUESS_WINDOW_SECONDS: (size) => {
    const wait = { guesses: CODE_GUESSES_PER_CODE, seconds: size - 1 };
    return createGuesser()
      .isFreeAfter(wait)
      .then((isFree) => !isFree);
  },
  CODE_GUESSES_PER_CODE: (size) =>
    createGuesser().guess(size, (index) => ({ subject: `s${index}`, address: `a${index}` })),
  CODE_GUESSES_PER_ACCOUNT: (size) =>
    createGuesser().guess(size, (index) => ({ userCode: code(index), address: `a${index}` })),
  CODE_GUESSES_PER_ADDRESS: (size) =>
    createGuesser().guess(size, (index) => ({ userCode: code(index), subject: `s${index}` })),
  PIN_GUESSES_PER_NAME: (size) => tryPins(size, (index) => ({ name: 'dev', address: `203.0.113.${index}` })),
  PIN_GUESSES_PER_ADDRESS: (size) =>
    tryPins(size, (index) => ({ name: `dev${index}`, address: `2001:db8::${index.toString(16)}` })),
  PIN_GUESSES_IN_ALL: (size) =>
    tryPins(size, (index) => ({ name: `dev${index}`, address: `203.0.113.${index}` })),
} satisfies Readonly<Record<string, Probe>>;

async function beginLogins(
  url: string,
  count: number,
  headersOf: (index: number) => Readonly<Record<string, string>>,
): Promise<readonly number[]> {
  const form = String(new URLSearchParams({ client_id: 'jit-cli', scope: 'openid' }));
  const statuses: number[] = [];
  while (statuses.length < count) {
    const answer = await postForm(`${url}/oauth/device`, form, headersOf(statuses.length));
    await answer.text();
    statuses.push(answer.status);
  }
  return statuses;
}

type Guess = { readonly userCode: string; readonly subject: string; readonly address: string };

/** Counts the guesses that are looked at. */
function createGuesser() {
  let now = START_AT;
  let looked = 0;
  const clock = { now: () => now, monotonicMs: () => 0, sleep: async () => {} };
  const parts = {
    attempts: createAttempts({ protocol: createMemoryProtocolStore(), clock }),
    deviceLogin: {
      find: async () => {
        looked += 1;
        return undefined;
      },
      decide: async () => false,
    },
  };
  const guess = async (count: number, change: (index: number) => Partial<Guess>): Promise<boolean> => {
    for (let index = 0; index < count; index += 1) {
      await guessCode(parts, {
        userCode: 'BCDF-GHJK',
        subject: 'dev:dev',
        address: '203.0.113.9',
        ...change(index),
      });
    }
    return looked === count;
  };
  return {
    guess,
    isFreeAfter: async ({ guesses, seconds }: { readonly guesses: number; readonly seconds: number }) => {
      await guess(guesses, () => ({}));
      now += seconds * 1000;
      looked = 0;
      return guess(1, () => ({}));
    },
  };
}

/** Wrong ones but for the last: is that one still looked at? */
async function tryPins(
  count: number,
  claimOf: (index: number) => { readonly name: string; readonly address: string },
): Promise<boolean> {
  const clock = { now: () => START_AT, monotonicMs: () => 0, sleep: async () => {} };
  const attempts = createAttempts({ protocol: createMemoryProtocolStore(), clock });
  const names = ['dev', ...Array.from({ length: count }, (_, index) => `dev${index}`)];
  const identity = createDevelopmentIdentity({
    users: names.map((name) => ({ name, groups: [], sameAs: null })),
    pin: new Secret(PIN),
    attempts,
  });
  for (let index = 0; index < count - 1; index += 1) {
    await identity.verify({ ...claimOf(index), pin: '000000' });
  }
  return (await identity.verify({ ...claimOf(count - 1), pin: PIN })) !== undefined;
}

function code(index: number): string {
  return `BCDF-GHJ${String.fromCharCode(65 + (index % 26))}${randomUUID().replaceAll(/[^a-z]/g, '')}`;
}
