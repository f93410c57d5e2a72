import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../scripts/openapi/json.ts';
import { catalogue } from '../../../src/core/error-catalogue.ts';
import { type ErrorCode, isErrorCode } from '../../../src/core/errors.ts';
import { openTestApi, type TestApi } from '../../support/api.ts';
import { dev, lead } from '../../support/broker.ts';
import { projectRoot } from '../../support/sources/imports.ts';
import { description, judgeAnswer, judgeBody } from '../../support/sources/openapi.ts';

let api: TestApi;

beforeAll(async () => {
  api = await openTestApi();
});
afterAll(() => api[Symbol.asyncDispose]());

const paths = description.paths as Readonly<Record<string, JsonObject>>;
const described = Object.entries(paths).flatMap(([path, operations]) =>
  Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
);

describe('docs/openapi.json', () => {
  it('is what the schemas and routes say: `npm run openapi` writes it', () => {
    const committed = readFileSync(join(projectRoot, 'docs/openapi.json'), 'utf8');
    expect(JSON.parse(committed)).toEqual(description);
  });

  it('is a valid OpenAPI 3.1 document', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(description));
    expect(errors ?? []).toEqual([]);
    expect(valid).toBe(true);
    expect(description.openapi).toMatch(/^3\.1\./);
  });

  it('has every route of /v1, and no other', () => {
    const routes = api.app.routes
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
    expect(described.toSorted()).toEqual([...new Set(routes)].toSorted());
  });

  it('gives each operation an id of its own', () => {
    const ids = Object.values(paths).flatMap((operations) =>
      Object.values(operations).map((operation) => (operation as JsonObject).operationId),
    );
    expect(new Set(ids).size).toBe(described.length);
  });

  it('is served to everybody', async () => {
    const response = await api.app.request('/v1/openapi.json');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(description);
  });
});

describe('its error codes', () => {
  const codes = description['x-error-codes'] as Readonly<Record<string, number>>;

  it('have the status of the catalogue', () => {
    for (const [code, status] of Object.entries(codes)) {
      expect(isErrorCode(code) && catalogue[code].status, code).toBe(status);
    }
  });

  it('are all that what answers /v1 throws', () => {
    const thrown = ['src/broker', 'src/server/api', 'src/server/live', 'src/adapters/connectors']
      .flatMap((folder) => readFolder(folder))
      .concat(['ask', 'catalogue', 'step-up', 'same-person'].map((name) => readText(`src/core/${name}.ts`)))
      .concat(
        ['http/respond', 'http/strict-json', 'authenticate'].map((name) => readText(`src/server/${name}.ts`)),
      )
      .flatMap((text) => [...text.matchAll(/\bfail\('(\w+)'/g)].map(([, code]) => code as ErrorCode));
    // Only delivery to channels fails so, which is nobody's request.
    const own = new Set(thrown.filter((code) => code !== 'channel_failed'));
    expect(own.size).toBeGreaterThan(25);
    expect([...own].filter((code) => !(code in codes))).toEqual([]);
  });
});

describe('answers', () => {
  const asked = {
    scopes: ['prod:db.read'],
    target: 'orders',
    duration_seconds: 600,
    reason: 'INC-4211 slow checkout',
  };

  it('of every operation are as described, from asking to giving back', async () => {
    await api.get(dev, '/v1/me');
    await api.get(dev, '/v1/scopes');
    expect(await api.post(dev, '/v1/previews', asked)).toMatchObject({ status: 200 });
    api.broker.policy.outcome = 'needs_people';
    const request = await api.broker.ask();
    await api.get(lead, '/v1/inbox');
    await api.get(lead, `/v1/requests/${request.id}/dossier`);
    await api.post(lead, `/v1/requests/${request.id}/approve`, { digest: request.digest });
    const { body } = await api.post<{ readonly grant: { readonly id: string } }>(
      dev,
      `/v1/requests/${request.id}/claim`,
      {},
    );
    await api.get(dev, '/v1/status');
    await api.get(dev, `/v1/requests/${request.id}`);
    await api.get(dev, `/v1/grants/${body.grant.id}`);
    await api.get(dev, '/v1/grants?everyone=true');
    const given = await api.post(dev, `/v1/grants/${body.grant.id}/revoke`, { because: 'done' });
    expect(given.status).toBe(200);
    const other = await api.broker.ask();
    expect((await api.post(dev, `/v1/requests/${other.id}/cancel`, {})).status).toBe(200);
    await api.get(dev, '/v1/history');
  });

  it('to asking are as described, granted or not', async () => {
    for (const outcome of ['automatic', 'needs_people', 'denied'] as const) {
      api.broker.policy.outcome = outcome;
      const response = await api.send(dev, '/v1/requests', {
        method: 'POST',
        headers: { 'idempotency-key': outcome },
        body: JSON.stringify({ ...asked, scopes: ['prod:db.write'] }),
      });
      const body: unknown = await response.json();
      const type = response.headers.get('content-type') ?? '';
      const told = { method: 'POST', path: '/v1/requests', status: response.status, type, body };
      expect(judgeAnswer(told)).toBeUndefined();
    }
  });

  it.each([
    ['a status that is not described', { status: 418 }],
    ['a member that is not described', { body: { mood: 'good' } }],
    ['an operation that is not described', { path: '/v1/moods' }],
    ['another type', { type: 'text/html' }],
  ])('would not pass with %s', (_, change) => {
    const body = {
      subject: 'dev:dev',
      name: 'dev',
      kind: 'person',
      groups: [],
      login: { method: 'device', at: '2026-11-21T14:00:00Z' },
    };
    const told = { method: 'GET', path: '/v1/me', status: 200, type: 'application/json', body };
    expect(judgeAnswer(told)).toBeUndefined();
    const wrong = { ...told, ...change, body: { ...body, ...(change as { body?: object }).body } };
    expect(judgeAnswer(wrong)).toBeDefined();
  });
});

describe('what clients send', () => {
  it.each([
    ['/v1/requests', { scopes: ['prod:db.read'], target: 'orders', duration_seconds: 1, reason: '' }],
    ['/v1/requests/req_1/approve', { digest: 'd', scopes: null }],
    ['/v1/requests/req_1/deny', { reason: 'no' }],
    ['/v1/requests/req_1/review', { outcome: 'accepted', reason: 'right' }],
    ['/v1/grants/gr_1/revoke', { because: 'done' }],
    ['/v1/revocations', { user: 'dev', wait_seconds: 30 }],
  ])('to %s is described; unknown members are not', (path, body) => {
    expect(judgeBody({ method: 'POST', path, body })).toBeUndefined();
    expect(judgeBody({ method: 'POST', path, body: { ...body, state: 'approved' } })).toBeDefined();
  });
});

function readText(path: string): string {
  return readFileSync(join(projectRoot, path), 'utf8');
}

function readFolder(folder: string): readonly string[] {
  return readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readText(join(folder, name)));
}
