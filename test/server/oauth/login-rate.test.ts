import { describe, expect, it } from 'vitest';
import { LOGIN_WINDOW_SECONDS, LOGINS_PER_ADDRESS } from '../../../src/core/limits.ts';
import { createAdmission } from '../../../src/server/oauth/login-rate.ts';
import { startOAuthServer } from '../../support/oauth-server.ts';

const START_AT = Date.UTC(2026, 10, 21, 14, 0, 0);
const RATE = { perAddress: 3, inAll: 5, windowSeconds: 60 };

function open() {
  const time = { now: START_AT };
  return { time, admit: createAdmission({ now: () => time.now }, RATE) };
}

describe('how many logins may be begun', () => {
  it('is limited for an address, which is told when there is room again', () => {
    const { time, admit } = open();
    time.now += 18_500;
    expect([1, 2, 3].map(() => admit('203.0.113.9'))).toEqual([undefined, undefined, undefined]);
    expect(admit('203.0.113.9')).toBe(42);
    expect(admit('203.0.113.10')).toBeUndefined();
    time.now = START_AT + 60_000;
    expect(admit('203.0.113.9')).toBeUndefined();
  });

  it('is limited for all together, and those who are refused do not count', () => {
    const { admit } = open();
    for (let index = 0; index < 10; index += 1) admit('203.0.113.9');
    expect([admit('a'), admit('b')]).toEqual([undefined, undefined]);
    expect(admit('c')).toBe(60);
  });
});

describe('INP-01: a flood of device logins', () => {
  it('is answered with an error of OAuth, and writes no more than the limit', async () => {
    await using server = await startOAuthServer();
    const begin = () =>
      fetch(`${server.url}/oauth/device`, {
        method: 'POST',
        body: new URLSearchParams({ client_id: 'jit-cli', scope: 'openid' }),
      });
    const answers = await Promise.all(Array.from({ length: LOGINS_PER_ADDRESS + 40 }, async () => begin()));
    const refused = answers.filter((answer) => answer.status === 429);
    expect(refused).toHaveLength(40);
    expect(await refused[0]?.json()).toEqual({
      error: 'temporarily_unavailable',
      error_description: expect.stringMatching(/^too many logins were begun, try again in \d+ s$/),
    });
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    const codes = (JSON.parse(server.protocol.dump()) as readonly (readonly [string])[]).filter(([key]) =>
      key.startsWith('DeviceCode '),
    );
    expect(codes).toHaveLength(LOGINS_PER_ADDRESS);
    server.clock.skewMs += LOGIN_WINDOW_SECONDS * 1000;
    expect((await begin()).status).toBe(200);
    expect(server.errors).toEqual([]);
  });
});
