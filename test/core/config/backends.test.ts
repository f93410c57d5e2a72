import { describe, expect, it } from 'vitest';
import { decodeClientConfig, encodeClientConfig } from '../../../src/core/config/client.ts';

const EXEC = { backend: 'exec', command: './approvals.py' };
const OIDC = {
  backend: 'oidc',
  issuer: 'https://login.example.com/tenant',
  client_id: 'jit',
  scopes: { 'prod:db.read': { description: 'Read', targets: ['orders'], usual: '30m' } },
  targets: { orders: { resource: 'https://orders.example.com' } },
};
const PIN = 'a'.repeat(64);

function readComplaint(profile: object, name = 'work'): string {
  const decoded = decodeClientConfig({ profiles: { [name]: profile } });
  if (decoded.ok) throw new Error('was read without a complaint');
  return decoded.complaints.map(({ path, why }) => `${path.slice(2).join('.')}: ${why}`).join('; ');
}

describe('a profile', () => {
  it('without a backend is a jit server', () => {
    const server = 'https://jit.example.com';
    for (const profile of [{ server }, { server, backend: 'server' }])
      expect(decodeClientConfig({ profiles: { work: profile } })).toMatchObject({
        ok: true,
        config: { profiles: { work: { server } } },
      });
  });

  it('with a program has it with the longest times, no pin and nothing of the environment', () => {
    const decoded = decodeClientConfig({ profiles: { work: EXEC } });
    expect(decoded).toEqual({
      ok: true,
      config: {
        profiles: {
          work: {
            server: 'plugin://work',
            backend: {
              kind: 'exec',
              command: './approvals.py',
              args: [],
              sha256: null,
              environment: [],
              timeoutSeconds: 10,
              followSeconds: 30,
            },
          },
        },
      },
    });
  });

  it.each([
    { server: 'https://jit.example.com', keychain: 'file' },
    EXEC,
    {
      ...EXEC,
      args: ['--team', 'a b'],
      sha256: PIN,
      environment: ['TOKEN'],
      timeout: '3s',
      follow_timeout: '12s',
    },
    OIDC,
    { ...OIDC, scopes: { 'prod:db.read': { targets: ['orders'] } } },
    {
      ...OIDC,
      login_client_id: 'jit-login',
      details_type: 'access',
      targets: { orders: { dpop: true } },
      keychain: 'file',
    },
    { backend: 'npm:@ours/rota', settings: { team: 'payments', list: ['a'] }, keychain: 'os' },
    { backend: 'npm:rota', timeout: '3s', follow_timeout: '12s' },
  ])('is written as it was read: %j', (profile) => {
    const first = decodeClientConfig({ profiles: { work: profile } });
    if (!first.ok) throw new Error(JSON.stringify(first.complaints));
    expect(decodeClientConfig(encodeClientConfig(first.config))).toEqual(first);
  });

  it.each<[object, string]>([
    [{ backend: 'oidcc' }, 'backend: must be one of '],
    [{ backend: 'exec' }, 'command: is missing'],
    [
      { ...OIDC, scopes: { 'prod:db.read': { targets: ['orders', 'ordres', 'billing'] } } },
      'scopes.prod:db.read.targets.1: there is no target "ordres"; scopes.prod:db.read.targets.2: there is no target "billing"',
    ],
    [{ ...OIDC, targets: {} }, 'scopes.prod:db.read.targets.0: there is no target "orders"'],
    [{ ...EXEC, server: 'https://jit.example.com' }, 'server: is not a setting'],
    [{ ...EXEC, sha256: PIN.toUpperCase() }, 'sha256: must be 64 digits'],
    [{ ...EXEC, timeout: '11s' }, 'timeout: must be from 1s to 10s'],
    [{ ...EXEC, timeout: '0s' }, 'timeout: must be '],
    [{ ...EXEC, follow_timeout: '1m' }, 'follow_timeout: must be from 1s to 30s'],
    [{ ...EXEC, args: 'a b' }, 'args: must be a list'],
    [{ ...EXEC, args: ['a\0b'] }, 'args.0: must not have a NUL in it'],
    [{ ...EXEC, environment: ['A=B'] }, 'environment.0: must be the name of a variable'],
    [{ ...EXEC, environment: ['JIT_KEYCHAIN_PASSPHRASE'] }, 'environment.0: is never handed on'],
    [{ ...EXEC, environment: ['JIT_KEYCHAIN_PASSPHRASE_FD'] }, 'environment.0: is never handed on'],
    [{ ...EXEC, comand: 'x' }, 'comand: is not a setting: did you mean "command"?'],
    [{ ...OIDC, issuer: 'http://login.example.com' }, 'issuer: must be an address like'],
    [{ ...OIDC, targets: { orders: { resource: 'orders' } } }, 'targets.orders.resource: must be a URI'],
    [{ backend: 'npm:rota', timeout: '11s' }, 'timeout: must be from 1s to 10s'],
    [{ backend: 'npm:rota', settings: [] }, 'settings: must be a mapping'],
  ])('INP-03: %j is refused', (profile, complaint) => {
    expect(readComplaint(profile)).toContain(complaint);
  });

  it.each(['a/b', 'Work', 'a:b', '..'])('whose backend is a plugin is not called %s', (name) => {
    expect(readComplaint(EXEC, name)).toContain('must be called by lower-case letters');
  });
});
