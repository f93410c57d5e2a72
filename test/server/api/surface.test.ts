import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signProof } from '../../../src/adapters/backends/dpop-proof.ts';
import {
  type JitServer,
  SERVICE_SECRET,
  type Someone,
  startJitServer,
} from '../../support/programs/jit-server.ts';

let server: JitServer;
let dev: Someone;

beforeAll(async () => {
  server = await startJitServer();
  dev = await server.logIn('dev');
});

afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server[Symbol.asyncDispose]();
});

const ASKED = {
  scopes: ['prod:api.read'],
  target: 'orders-api',
  duration_seconds: 600,
  reason: 'INC-4211 slow checkout',
};

/** One call by hand, as the CLI would sign it. */
async function post(
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const proof = signProof(dev.session, {
    method: 'POST',
    url: new URL(path, server.url),
    at: Date.now(),
    nonce: undefined,
  });
  return fetch(server.url + path, {
    method: 'POST',
    body,
    headers: {
      authorization: `DPoP ${dev.session.accessToken.reveal()}`,
      dpop: proof,
      'content-type': 'application/json',
      'idempotency-key': crypto.randomUUID(),
      ...headers,
    },
  });
}

async function readProblem(response: Response) {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  return (await response.json()) as {
    readonly code: string;
    readonly status: number;
    readonly detail: string;
  };
}

describe('S2: what only the server says is never taken from a client', () => {
  it.each([
    'state',
    'requested_by',
    'reviews',
    'decision',
    'lapses_at',
    'claim_by',
    'groups',
    'grant_id',
    '__proto__x',
  ])('refuses a request that brings its own %s', async (field) => {
    const response = await post('/v1/requests', JSON.stringify({ ...ASKED, [field]: 'approved' }));
    expect(await readProblem(response)).toMatchObject({ code: 'bad_message', status: 400 });
  });

  it.each([0, -60, 1.5, '600', null, 1e12])('refuses the duration %j', async (duration_seconds) => {
    const response = await post('/v1/requests', JSON.stringify({ ...ASKED, duration_seconds }));
    expect(response.status).toBe(400);
  });
});

describe('INP-01: bodies', () => {
  const pad = (bytes: number): string => {
    const text = JSON.stringify({ ...ASKED, ticket: '' });
    return `${text.slice(0, -2) + ' '.repeat(0)}"}${' '.repeat(bytes - text.length)}`;
  };

  it('reads one of 64 KiB and refuses one byte more', async () => {
    expect((await post('/v1/previews', pad(65_536))).status).toBe(200);
    const response = await post('/v1/previews', pad(65_537));
    expect(await readProblem(response)).toMatchObject({ code: 'too_large', status: 413 });
  });

  it.each(['', '[]', 'null', '{', '{"scopes":', '\u0000', '"text"', '<html>'])(
    'refuses %j as a body',
    async (body) => {
      expect(await readProblem(await post('/v1/requests', body))).toMatchObject({ code: 'bad_message' });
    },
  );

  it('refuses one with a name twice: what counts would be anybody’s guess', async () => {
    const body = `{"duration_seconds":1,${JSON.stringify(ASKED).slice(1)}`;
    expect(await readProblem(await post('/v1/requests', body))).toMatchObject({
      code: 'bad_message',
      status: 400,
      detail: expect.stringContaining('a name twice'),
    });
  });

  it('refuses one that is not UTF-8, instead of reading something else', async () => {
    const bytes = Buffer.from(JSON.stringify({ ...ASKED, reason: 'INC-4211 slow ?heckout' }));
    bytes[bytes.indexOf('?')] = 0xff;
    expect(await readProblem(await post('/v1/requests', new Uint8Array(bytes)))).toMatchObject({
      code: 'bad_message',
      status: 400,
      detail: expect.stringContaining('not UTF-8'),
    });
  });

  it.each([
    ['bad_reason', { reason: '\u3164'.repeat(12) }],
    ['bad_reason', { reason: 'ok reason here\u061c\u00ad\u{e0041}' }],
    ['bad_ticket', { ticket: 'T\u001b[31m\n\u202e' }],
  ])('S12: refuses hidden characters with %s: %j', async (code, change) => {
    const response = await post('/v1/requests', JSON.stringify({ ...ASKED, ...change }));
    expect(await readProblem(response)).toMatchObject({ code, status: 422 });
  });

  it('wants an idempotency key of sane length', async () => {
    for (const key of ['', 'x'.repeat(129)]) {
      const response = await post('/v1/requests', JSON.stringify(ASKED), { 'idempotency-key': key });
      expect(await readProblem(response)).toMatchObject({ code: 'bad_message' });
    }
  });

  it('counts a reason in bytes: 1,024 are read and one more is refused', async () => {
    const ask = (reason: string): Promise<Response> =>
      post('/v1/previews', JSON.stringify({ ...ASKED, reason }));
    expect((await ask('é'.repeat(512))).status).toBe(200);
    expect(await readProblem(await ask(`${'é'.repeat(512)}e`))).toMatchObject({
      code: 'bad_reason',
      status: 422,
    });
  });
});

describe('every answer', () => {
  it('is never kept by a cache, and tells the time', async () => {
    const response = await post('/v1/previews', JSON.stringify(ASKED));
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(Math.abs(Date.parse(response.headers.get('jit-time') ?? '') - Date.now())).toBeLessThan(5_000);
  });

  it('is a problem document where there is nothing', async () => {
    const response = await fetch(`${server.url}/v1/nothing`);
    expect(await readProblem(response)).toMatchObject({ code: 'not_found', status: 404 });
  });

  it('asks for a proof where there is none', async () => {
    const response = await fetch(`${server.url}/v1/me`);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(/^DPoP /);
    expect(await readProblem(response)).toMatchObject({ code: 'login_needed' });
  });
});

describe('TOK-06: introspection', () => {
  const introspect = async (token: string): Promise<unknown> => {
    const credentials = Buffer.from(`orders-api:${encodeURIComponent(SERVICE_SECRET.reveal())}`).toString(
      'base64',
    );
    const response = await fetch(`${server.url}/oauth/introspect`, {
      method: 'POST',
      headers: { authorization: `Basic ${credentials}` },
      body: new URLSearchParams({ token }),
    });
    return response.json();
  };

  it('knows a live token, says it was used, and says nothing of a dead one', async () => {
    const { claimed } = await dev.backend.submit({
      scopes: ['prod:api.read'],
      target: 'orders-api',
      durationSeconds: 600,
      reason: 'INC-4211 slow checkout',
      ticket: null,
      extendsGrantId: null,
      breakGlass: false,
      idempotencyKey: crypto.randomUUID(),
    });
    const token = claimed?.token.reveal() ?? '';
    const grantId = claimed?.grant.id ?? '';
    expect(await introspect(token)).toMatchObject({
      active: true,
      scope: 'prod:api.read',
      grant_id: grantId,
    });
    expect((await dev.backend.readGrant(grantId)).lastUsedAt).not.toBeNull();
    await dev.backend.revoke(grantId, 'done');
    expect(await introspect(token)).toEqual({ active: false });
  });
});
