import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { logInAtCompany } from '../../support/company/login.ts';
import { type CompanyServer, startCompanyServer } from '../../support/company/provider.ts';
import { type JitServer, startJitServer } from '../../support/programs/jit-server.ts';
import { until } from '../../support/until.ts';

let company: CompanyServer;
let server: JitServer;

beforeEach(async () => {
  company = await startCompanyServer({ refreshSeconds: 1 });
  company.accounts.set('u-1', { name: 'ada', groups: ['engineers'] });
  company.accounts.set('u-2', { name: 'bob', groups: ['engineers', 'dba'] });
  const identity = { devUsers: [], company: company.settings, workloads: [] };
  server = await startJitServer({ config: { identity } });
  company.trust(`${server.url}/login/callback`);
});

afterEach(async () => {
  expect(server.errors).toEqual([]);
  await server[Symbol.asyncDispose]();
  await company[Symbol.asyncDispose]();
});

const ask = (scope: string, target: string) => ({
  scopes: [scope],
  target,
  durationSeconds: 600,
  reason: 'INC-4211 slow checkout of orders',
  ticket: null,
  extendsGrantId: null,
  breakGlass: false,
  idempotencyKey: randomUUID(),
});

describe('a person who is removed at the company', () => {
  it('loses sessions, grants and open requests at the next refresh, and nobody else does', async () => {
    const [ada, bob] = [await logInAtCompany(server.url, 'u-1'), await logInAtCompany(server.url, 'u-2')];
    const { claimed } = await ada.backend.submit(ask('prod:api.read', 'orders-api'));
    const kept = await bob.backend.submit(ask('prod:api.read', 'orders-api'));
    company.accounts.delete('u-1');
    await until('the session has ended', async () => {
      const error: unknown = await ada.backend.readPerson().catch((reason: unknown) => reason);
      return (error as { readonly code?: string }).code === 'session_expired';
    });
    const service = `Basic ${Buffer.from('orders-api:the secret of the sample service').toString('base64')}`;
    const introspect = async (token: string) => {
      const response = await fetch(`${server.url}/oauth/introspect`, {
        method: 'POST',
        headers: { authorization: service },
        body: new URLSearchParams({ token }),
      });
      return (await response.json()) as { readonly active: boolean };
    };
    await until('the token is dead', async () => !(await introspect(claimed?.token.reveal() ?? '')).active);
    expect(await introspect(kept.claimed?.token.reveal() ?? '')).toMatchObject({ active: true });
    expect((await bob.backend.readPerson()).name).toBe('bob');
    await expect(logInAtCompany(server.url, 'u-1')).rejects.toMatchObject({ code: 'login_expired' });
  });
});
