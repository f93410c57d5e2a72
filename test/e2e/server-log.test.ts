import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFormBrowser } from '../../src/adapters/form-browser.ts';
import { buildSubmission } from '../support/crash/scene.ts';
import { listCanaries } from '../support/programs/canary.ts';
import { logInWith } from '../support/programs/jit-server.ts';
import { type OperatedJit, SERVICE_PASSWORD, startOperatedJit } from '../support/programs/operated-jit.ts';
import { findProblemId } from '../support/request-id.ts';

const CANARY = 'canary-7d1f4e0a9b';
const FORM = 'application/x-www-form-urlencoded';

/** Whatever a stranger can put a secret into. */
const STRANGERS: readonly (readonly [string, RequestInit])[] = [
  [`/${CANARY}`, {}],
  [`/v1/requests/${CANARY}`, {}],
  [`/requests/${CANARY}?reason=${CANARY}`, {}],
  [`/device?user_code=${CANARY}`, {}],
  [`/oauth/auth/${CANARY}`, {}],
  [`/oauth/auth?client_id=${CANARY}&state=${CANARY}`, {}],
  ['/v1/me', { headers: { authorization: `Bearer ${CANARY}` } }],
  ['/v1/me', { headers: { authorization: `DPoP ${CANARY}`, dpop: `${CANARY}.${CANARY}.${CANARY}` } }],
  ['/inbox', { headers: { cookie: `jit_session=${CANARY}`, 'user-agent': CANARY, referer: CANARY } }],
  ['/v1/me', { headers: { 'x-request-id': CANARY, traceparent: CANARY, 'x-forwarded-for': CANARY } }],
  ['/oauth/token', post(`grant_type=refresh_token&client_id=jit-cli&refresh_token=${CANARY}`)],
  ['/oauth/token', post(`grant_type=${CANARY}&client_id=${CANARY}&code=${CANARY}&device_code=${CANARY}`)],
  ['/oauth/introspect', post(`token=${CANARY}`)],
  ['/oauth/introspect', { ...post(`token=${CANARY}`), headers: { authorization: basic(CANARY) } }],
  ['/oauth/revoke', post(`token=${CANARY}&client_id=${CANARY}`)],
  ['/device/code', post(`user_code=${CANARY}&csrf=${CANARY}`)],
  ['/login', post(`user=dev&pin=${CANARY}&csrf=${CANARY}`)],
  ['/v1/requests', { method: 'POST', body: `{"reason":"${CANARY}"`, headers: { dpop: CANARY } }],
];

function post(body: string): RequestInit {
  return { method: 'POST', body, headers: { 'content-type': FORM } };
}

function basic(password: string): string {
  return `Basic ${Buffer.from(`orders-api:${password}`).toString('base64')}`;
}

let jit: OperatedJit;
let lines: readonly Readonly<Record<string, unknown>>[];
let log: Buffer;
const secrets = new Map<string, string>();
const answered: { readonly header: string | null; readonly problem: unknown; readonly page: string }[] = [];

beforeAll(async () => {
  jit = await startOperatedJit({ log: '{ level: debug }' });
  const browser = createFormBrowser();
  const dev = await logInWith(jit.url, async (userCode) => {
    secrets.set('user code', userCode);
    const page = await browser.get(`${jit.url}/device?user_code=${userCode}`);
    const question = await browser.submit(page, { user: 'dev', pin: jit.pin });
    await browser.submit(question, { decision: 'approve' });
  });
  const asked = buildSubmission({ scopes: ['prod:api.read'], target: 'orders-api', durationSeconds: 600 });
  const { claimed } = await dev.backend.submit(asked);
  const token = claimed?.token.reveal() ?? '';
  await fetch(`${jit.url}/oauth/introspect`, {
    ...post(`token=${token}`),
    headers: { 'content-type': FORM, authorization: basic(SERVICE_PASSWORD) },
  });
  await dev.backend.revoke(claimed?.grant.id ?? '', 'done');
  secrets.set('access token', dev.session.accessToken.reveal());
  secrets.set('refresh token', dev.session.refreshToken?.reveal() ?? '');
  secrets.set('grant token', token);
  secrets.set('PIN', `"${jit.pin}"`);
  secrets.set('password of a service', SERVICE_PASSWORD);
  secrets.set('what strangers sent', CANARY);
  for (const [path, init] of STRANGERS) {
    const response = await fetch(jit.url + path, { redirect: 'manual', ...init });
    const text = await response.text();
    answered.push({
      header: response.headers.get('x-request-id'),
      problem: findProblemId(response.headers.get('content-type'), text),
      page: text,
    });
  }
  const { stdout } = await jit.stop();
  log = Buffer.from(stdout);
  lines = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
});

afterAll(() => jit[Symbol.asyncDispose]());

describe('the log of a server that nobody looks at', () => {
  it('I5: has none of what was sent, shown or made in it', () => {
    expect([...secrets.values()].filter((secret) => secret.length < 6)).toEqual([]);
    expect(listCanaries(log, secrets)).toEqual([]);
  });

  it('has a line for every request, by route, with who it was, how it ended and how long it took', () => {
    expect(lines.find(({ method, route }) => method === 'POST' && route === '/v1/requests')).toMatchObject({
      level: 'info',
      event: 'request.answered',
      status: 200,
      subject: 'dev:dev',
      duration_ms: expect.any(Number),
      request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    const routes = new Set(
      lines.filter(({ event }) => event === 'request.answered').map(({ route }) => route),
    );
    expect([...routes]).toEqual(
      expect.arrayContaining(['/v1/requests/:id', '/oauth/token', '/oauth/auth/:id', '/device', null]),
    );
    expect(lines.find(({ route, status }) => route === '/oauth/introspect' && status === 200)).toMatchObject({
      subject: 'service:orders-api',
    });
  });

  it('names each request as its answer does, in the header and in the problem document', () => {
    const ids = new Set(lines.map(({ request_id: id }) => id));
    for (const { header, problem } of answered) {
      expect(ids).toContain(header);
      if (problem !== undefined) expect(problem).toBe(header);
    }
    expect(answered.filter(({ problem }) => problem !== undefined).length).toBeGreaterThan(3);
    expect(answered.some(({ header, page }) => header && page.includes(`this is request ${header}`))).toBe(
      true,
    );
  });

  it('begins and ends with the server, and is written to its end', () => {
    expect(lines[0]).toMatchObject({ event: 'server.started', url: jit.url });
    expect(lines.at(-1)).toMatchObject({ event: 'server.stopped' });
  });
});
