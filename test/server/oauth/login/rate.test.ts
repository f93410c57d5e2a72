import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { LOGIN_WINDOW_SECONDS, LOGINS_PER_ADDRESS } from '../../../../src/core/limits.ts';
import { findNetwork } from '../../../../src/server/http/network.ts';
import { createAdmission } from '../../../../src/server/oauth/login/rate.ts';
import { postForm } from '../../../support/device-client.ts';
import { type OAuthServer, startOAuthServer } from '../../../support/oauth-server.ts';

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

describe('an address', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2:ffff::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['unknown', 'unknown'],
  ])('%s is counted as %s', (address, network) => {
    expect(findNetwork(address)).toBe(network);
  });

  it('of IPv6 does not begin more logins by having a neighbour', () => {
    const { admit } = open();
    for (let index = 1; index <= 3; index += 1) expect(admit(`2001:db8::${index}`)).toBeUndefined();
    expect(admit('2001:db8::ffff:ffff')).toBe(60);
    expect(admit('2001:db8:0:1::1')).toBeUndefined();
  });
});

describe('INP-01: what is not the beginning of a login', () => {
  const device = (server: OAuthServer, fields: Readonly<Record<string, string>>) =>
    postForm(`${server.url}/oauth/device`, fields);
  const LOGIN = { client_id: 'jit-cli', scope: 'openid' };

  it('takes nobody’s place: a message that is refused', async () => {
    await using server = await startOAuthServer();
    for (let index = 0; index < LOGINS_PER_ADDRESS + 5; index += 1) {
      const answer = await device(server, { client_id: index % 2 ? 'nobody' : '', scope: 'openid' });
      expect([400, 401]).toContain(answer.status);
    }
    expect((await device(server, LOGIN)).status).toBe(200);
  });

  it('takes nobody’s place: a message that does not end', async () => {
    await using server = await startOAuthServer();
    const { hostname, port, host } = new URL(server.url);
    const slow = Array.from({ length: LOGINS_PER_ADDRESS + 5 }, () => connect(Number(port), hostname));
    const head =
      `POST /oauth/device HTTP/1.1\r\nhost: ${host}\r\ncontent-length: 99\r\n` +
      'content-type: application/x-www-form-urlencoded\r\n\r\nclient_id=';
    await Promise.all(slow.map((socket) => new Promise((done) => socket.write(head, done))));
    expect((await device(server, LOGIN)).status).toBe(200);
    for (const socket of slow) socket.destroy();
  });
});

describe('INP-01: a flood of logins by browser', () => {
  it('is refused on our own page, and writes no more than the limit', async () => {
    await using server = await startOAuthServer();
    const query = new URLSearchParams({
      client_id: 'jit-cli',
      response_type: 'code',
      scope: 'openid',
      redirect_uri: 'http://127.0.0.1:4000/callback',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    });
    const begin = () => fetch(`${server.url}/oauth/auth?${query}`, { redirect: 'manual' });
    const answers: Response[] = [];
    while (answers.length < LOGINS_PER_ADDRESS + 3) answers.push(await begin());
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(LOGINS_PER_ADDRESS);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(3);
    expect(refused[0]?.headers.get('location')).toBeNull();
    expect(countRows(server, 'Interaction')).toBe(LOGINS_PER_ADDRESS);
    expect(server.errors).toEqual([]);
  });
});

function countRows(server: OAuthServer, kind: string): number {
  const rows = JSON.parse(server.protocol.dump()) as readonly (readonly [string])[];
  return rows.filter(([key]) => key.startsWith(`${kind} `)).length;
}

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
    expect(countRows(server, 'DeviceCode')).toBe(LOGINS_PER_ADDRESS);
    server.clock.skewMs += LOGIN_WINDOW_SECONDS * 1000;
    expect((await begin()).status).toBe(200);
    expect(server.errors).toEqual([]);
  });
});
