import { describe, expect, it } from 'vitest';
import { keep } from '../../src/client/held.ts';
import { type LoginParts, login, logout } from '../../src/client/login.ts';
import { fail } from '../../src/core/errors.ts';
import type { StoredSession } from '../../src/core/ports/session.ts';
import type { PersonView } from '../../src/core/view.ts';
import {
  createTestParts,
  SERVER,
  type TestParts,
  type TestPartsOptions,
} from '../support/fakes/client-parts.ts';
import { buildSession } from '../support/fakes/fake-authorization.ts';
import { buildClaimed, buildEndedGrant, buildGrantView } from '../support/fakes/fake-backend.ts';

const person: PersonView = {
  subject: 'dev:dev',
  name: 'dev',
  kind: 'person',
  groups: ['engineers'],
  login: { method: 'device', at: 0 },
};
const over = fail('session_expired', { server: SERVER });

type Scene = { readonly parts: TestParts & LoginParts; readonly steps: string[] };

/** Parts whose steps are noted in the order in which they happen. */
function createScene(options: TestPartsOptions & { readonly session?: StoredSession | null } = {}): Scene {
  const steps: string[] = [];
  let session = options.session ?? null;
  const parts = createTestParts({
    backend: {
      readPerson: async () => person,
      listScopes: async () => [],
      revoke: async () => buildEndedGrant(),
      ...options.backend,
    },
    keychain: { probe: async () => void steps.push('probe'), ...options.keychain },
  });
  const authorization: LoginParts['authorization'] = {
    deviceLogin: async ({ purpose, hostName }) => {
      steps.push(`deviceLogin ${purpose} on ${hostName}`);
      return buildSession({ server: SERVER });
    },
    browserLogin: async () => {
      steps.push('browserLogin');
      return buildSession({ server: SERVER, way: { kind: 'browser' } });
    },
    workloadLogin: async ({ tokenFile, dpopKey }) => {
      const way = { kind: 'workload', tokenFile } as const;
      steps.push(`workloadLogin ${tokenFile} ${dpopKey ? 'same key' : 'new key'}`);
      return buildSession({ server: SERVER, way, refreshToken: null });
    },
    refresh: async (stale) => stale,
    revoke: async () => void steps.push('revoke'),
  };
  const sessions: LoginParts['sessions'] = {
    store: async (stored) => {
      session = stored;
      steps.push('store');
    },
    read: async () => {
      if (session) return session;
      throw fail('login_needed', { server: SERVER });
    },
    peek: async () => session ?? undefined,
    clear: async () => {
      steps.push('clear');
      session = null;
      return true;
    },
  };
  const signProof = () => Promise.reject(new Error('nothing is proved here'));
  return { parts: { ...parts, authorization, sessions, signProof }, steps };
}

const order = { way: null, show: () => undefined, signal: new AbortController().signal };

describe('logging in', () => {
  it('S14: proves the keychain before anybody is asked to confirm a code', async () => {
    const { parts, steps } = createScene();
    expect(await login(parts, order)).toEqual(person);
    expect(steps).toEqual(['probe', 'deviceLogin jit login on workbench', 'store']);
    expect((await parts.held()).servers[SERVER]).toMatchObject({ name: 'dev', scopes: [] });
  });

  it('S14: asks for no code where the keychain cannot be used', async () => {
    const locked = fail('keychain_locked', { why: 'a test' });
    const { parts, steps } = createScene({ keychain: { probe: () => Promise.reject(locked) } });
    await expect(login(parts, order)).rejects.toBe(locked);
    expect(steps).toEqual([]);
  });

  it('is done though the catalogue cannot be read', async () => {
    const { parts } = createScene({ backend: { listScopes: () => Promise.reject(over) } });
    expect(await login(parts, order)).toEqual(person);
  });
});

describe('logging in again', () => {
  it('ends the session of before at the server, once the new one is kept', async () => {
    const { parts, steps } = createScene({ session: buildSession({ server: SERVER }) });
    await login(parts, order);
    expect(steps.slice(-2)).toEqual(['store', 'revoke']);
  });

  it('goes the way of before, where none is named; a workload with the key that its token belongs to', async () => {
    const browser = createScene({ session: buildSession({ server: SERVER, way: { kind: 'browser' } }) });
    await login(browser.parts, order);
    expect(browser.steps).toContain('browserLogin');
    const way = { kind: 'workload', tokenFile: '/run/token' } as const;
    const workload = createScene({ session: buildSession({ server: SERVER, way, refreshToken: null }) });
    await login(workload.parts, order);
    expect(workload.steps).toContain('workloadLogin /run/token same key');
    const first = createScene();
    await login(first.parts, { ...order, way });
    expect(first.steps).toContain('workloadLogin /run/token new key');
  });

  it('for a demand of policy: by the same person, or nothing goes on in another name', async () => {
    const demand = { maxAgeSeconds: 300, strengths: [] };
    const { parts } = createScene({ session: buildSession({ server: SERVER }) });
    await login(parts, order);
    expect(await login(parts, { ...order, demand })).toEqual(person);
    const other = { ...person, name: 'eva' };
    const changed = { ...parts, backend: { ...parts.backend, readPerson: async () => other } };
    await expect(login(changed, { ...order, demand })).rejects.toMatchObject({
      code: 'another_person',
      message: 'this was begun by dev, and eva has logged in: nothing was done',
    });
  });
});

describe('logging out', () => {
  const session = buildSession({ server: SERVER });

  it('gives back what is held here, ends the session at the server, and only then forgets it', async () => {
    const { parts, steps } = createScene({ session });
    await keep(parts, buildClaimed());
    const left = await logout(parts);
    expect(left).toMatchObject({
      wasLoggedIn: true,
      given: [{ grant: { id: 'gr_1' }, isKeychainCleared: true }],
    });
    expect(steps).toEqual(['revoke', 'clear']);
    expect(await parts.held()).toEqual({ grants: [], requests: [], servers: {} });
  });

  it('forgets nothing where the server was not reached', async () => {
    const { parts, steps } = createScene({
      session,
      backend: { revoke: () => Promise.reject(fail('unreachable', { address: SERVER, why: 'a test' })) },
    });
    await keep(parts, buildClaimed());
    await expect(logout(parts)).rejects.toMatchObject({ code: 'unreachable' });
    expect(steps).toEqual([]);
    expect(Object.keys(parts.secrets())).toHaveLength(1);
  });

  it('is as good as done where the session turns out to be over', async () => {
    const { parts, steps } = createScene({ session, backend: { revoke: () => Promise.reject(over) } });
    await keep(parts, buildClaimed());
    expect(await logout(parts)).toMatchObject({ wasLoggedIn: true, given: [] });
    expect(steps).toEqual(['revoke', 'clear']);
  });

  it('leaves what the server does not let this person give back: it was claimed by another one', async () => {
    const stranger = buildGrantView({ id: 'gr_9', heldBy: 'dev' });
    const revoke = async (id: string) => {
      if (id === 'gr_9') throw fail('not_found', { what: 'grant gr_9' });
      return buildEndedGrant({ id });
    };
    const { parts } = createScene({ session, backend: { revoke } });
    await keep(parts, buildClaimed());
    await keep(parts, buildClaimed({ grant: stranger }));
    const { given, left } = await logout(parts);
    expect(given).toMatchObject([{ grant: { id: 'gr_1' } }]);
    expect(left).toMatchObject([{ view: { id: 'gr_9' } }]);
    expect(parts.secrets()).toEqual({});
    expect((await parts.held()).grants).toEqual([]);
  });

  it('clears what is there where nobody was logged in', async () => {
    const { parts, steps } = createScene();
    expect(await logout(parts)).toEqual({ wasLoggedIn: false, given: [], failures: [], left: [] });
    expect(steps).toEqual(['clear']);
  });
});
