import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCompany } from '../../../src/adapters/oauth/company/company.ts';
import { createOutgoing } from '../../../src/adapters/outgoing/outgoing.ts';
import { openSqliteStore } from '../../../src/adapters/store/open-sqlite.ts';
import { Secret } from '../../../src/core/secret.ts';
import { createCompanyPeople } from '../../../src/server/company-people.ts';
import { createOutage } from '../../../src/server/outage.ts';
import { type RenewalParts, renewPeople } from '../../../src/server/renew-people.ts';
import {
  type CompanyServer,
  type CompanyServerOptions,
  startCompanyServer,
} from '../../support/company-provider.ts';

const CALLBACK = 'http://127.0.0.1:7420/login/callback';
const SECRET = new Secret('a secret of the tests, as long as it needs to be');
const REFRESH_SECONDS = 300;

type Scene = AsyncDisposable &
  RenewalParts & {
    readonly server: CompanyServer;
    readonly left: string[];
    readonly ended: string[];
    readonly errors: unknown[];
    readonly directory: ReturnType<typeof createCompanyPeople>['directory'];
    logIn(account: string): Promise<void>;
    /** Lets the period pass, and asks about everyone. */
    round(): Promise<void>;
    present: boolean;
  };

async function openScene(options: CompanyServerOptions = {}): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), 'jit-test-renewal-'));
  const server = await startCompanyServer(options);
  server.trust(CALLBACK);
  const system = { now: () => Date.now(), monotonicMs: () => performance.now(), sleep: async () => {} };
  let skewMs = 0;
  const clock = { ...system, now: () => Date.now() + skewMs };
  const store = await openSqliteStore({ path: join(folder, 'jit.db'), clock });
  const { people, protocol } = store;
  const [left, ended, errors]: [string[], string[], unknown[]] = [[], [], []];
  const company = createCompany({
    provider: server.settings,
    sessionSeconds: 43_200,
    clock: system,
    createOutgoing: (urls) => createOutgoing({ urls, allow: [], timeoutMs: 300 }),
  });
  const known = createCompanyPeople({ people, protocol, clock, secret: SECRET, sessionSeconds: 43_200 });
  const scene: Scene = {
    server,
    left,
    ended,
    errors,
    company,
    people,
    protocol,
    clock,
    directory: known.directory,
    secret: SECRET,
    refreshSeconds: REFRESH_SECONDS,
    present: true,
    isPresent: async (subject) => scene.present && (await known.mayHaveSession(subject)),
    logins: { endAll: async (subject) => ended.push(subject) },
    onLeft: async (subject) => void left.push(subject),
    outage: createOutage((error) => errors.push(error)),
    onError: (error) => errors.push(error),
    async logIn(account) {
      const keys = { state: 's'.repeat(64), nonce: 'n'.repeat(43), codeVerifier: 'v'.repeat(43) };
      const address = await company.start({ redirectUri: CALLBACK, keys, demand: null, isOther: false });
      await known.remember(
        await company.finish({ address: await authorize(address, account), keys, demand: null }),
      );
    },
    async round() {
      skewMs += (REFRESH_SECONDS + 1) * 1_000;
      await renewPeople(scene);
    },
    async [Symbol.asyncDispose]() {
      await store.close();
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return scene;
}

/** The address that the company sends the browser back to. */
async function authorize(address: string, account: string): Promise<string> {
  const cookies = new Map<string, string>();
  const send = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { ...init, headers: { cookie }, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    return response;
  };
  const read = (response: Response) => new URL(response.headers.get('location') ?? '', address).href;
  const page = read(await send(address));
  const resume = read(await send(page, { method: 'POST', body: new URLSearchParams({ account }) }));
  return read(await send(resume));
}

let scene: Scene;

beforeEach(async () => {
  scene = await openScene();
  scene.server.accounts.set('u-1', { name: 'ada', groups: ['engineers'] });
  await scene.logIn('u-1');
});

afterEach(() => scene[Symbol.asyncDispose]());

const readGroups = async (of = scene) => (await of.directory.find('oidc:u-1'))?.groups;

describe('groups', () => {
  it('are asked for again, and are those of now', async () => {
    scene.server.accounts.set('u-1', { name: 'ada.l', groups: ['dba'] });
    expect(await readGroups()).toEqual(['engineers']);
    await scene.round();
    expect(await scene.directory.find('oidc:u-1')).toMatchObject({ name: 'ada.l', groups: ['dba'] });
    expect(scene.errors).toEqual([]);
  });

  it('are asked for once in a period, by one of any number of replicas', async () => {
    await scene.round();
    const before = scene.server.asked.length;
    await renewPeople(scene);
    expect(scene.server.asked.slice(before)).toEqual([]);
    await scene.logIn('u-1');
    scene.server.asked.length = 0;
    await scene.round();
    await Promise.all(Array.from({ length: 5 }, () => renewPeople(scene)));
    expect(scene.server.asked.filter((line) => line === 'POST /token')).toHaveLength(1);
  });

  it('of people who have nothing here are not asked for', async () => {
    scene.present = false;
    scene.server.asked.length = 0;
    await scene.round();
    expect(scene.server.asked).toEqual([]);
  });

  it('are as old as the login where the company gives nothing to ask with', async () => {
    await using other = await openScene({ givesRenewals: false });
    other.server.accounts.set('u-1', { name: 'ada', groups: ['engineers'] });
    await other.logIn('u-1');
    other.server.accounts.set('u-1', { name: 'ada', groups: ['dba'] });
    await other.round();
    expect([await readGroups(other), other.left]).toEqual([['engineers'], []]);
  });

  it('are asked for with the newest that the company gave, round after round', async () => {
    await using other = await openScene({ rotatesRenewals: true });
    for (const group of ['a', 'b', 'c']) {
      other.server.accounts.set('u-1', { name: 'ada', groups: [group] });
      if (group === 'a') await other.logIn('u-1');
      else await other.round();
      expect(await readGroups(other)).toEqual([group]);
    }
    expect(other.left).toEqual([]);
  });
});

describe('somebody who is removed at the company', () => {
  it('is gone at the next round, once', async () => {
    scene.server.accounts.delete('u-1');
    await scene.round();
    await scene.round();
    expect(scene.left).toEqual(['oidc:u-1']);
    expect(await scene.directory.find('oidc:u-1')).toBeUndefined();
    expect(await scene.directory.list()).toEqual([]);
  });

  it('is gone too where the company only says that the account is not active', async () => {
    scene.server.accounts.set('u-1', { name: 'ada', claims: { active: false } });
    await scene.round();
    expect(scene.left).toEqual(['oidc:u-1']);
  });

  it('is back when the company lets them log in again', async () => {
    scene.server.accounts.delete('u-1');
    await scene.round();
    scene.server.accounts.set('u-1', { name: 'ada', groups: ['engineers'] });
    await scene.logIn('u-1');
    expect(await readGroups()).toEqual(['engineers']);
  });

  it('leaves no renewal in the store, and none is there in the clear', async () => {
    const { renewal } = (await scene.people.find('oidc:u-1')) ?? {};
    expect(renewal).toMatch(/^[\w-]{60,}$/);
    scene.server.accounts.delete('u-1');
    await scene.round();
    expect((await scene.people.find('oidc:u-1'))?.renewal).toBeNull();
  });
});

const AWAY: Readonly<Record<string, CompanyServer['intercept']>> = {
  'does not answer': () => true,
  'closes the connection': (_, response) => {
    response.socket?.destroy();
    return true;
  },
  'is in maintenance': (_, response) => {
    response.writeHead(503, { 'content-type': 'text/html' }).end('<html>back soon</html>');
    return true;
  },
  'says it is a server error': (_, response) => {
    response.writeHead(500, { 'content-type': 'application/json' }).end('{"error":"server_error"}');
    return true;
  },
  'says invalid_grant in HTML': (_, response) => {
    response.writeHead(400, { 'content-type': 'text/html' }).end('{"error":"invalid_grant"}');
    return true;
  },
  'says invalid_grant with the status of a success': (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"error":"invalid_grant"}');
    return true;
  },
  'says invalid_grant with the status of a server that fails': (_, response) => {
    response.writeHead(500, { 'content-type': 'application/json' }).end('{"error":"invalid_grant"}');
    return true;
  },
  'does not know jit any more': (_, response) => {
    response.writeHead(401, { 'content-type': 'application/json' }).end('{"error":"invalid_client"}');
    return true;
  },
};

describe('a company that is away', () => {
  it.each(Object.entries(AWAY))('%s: nobody is removed, and it is told once', async (_, intercept) => {
    scene.server.accounts.set('u-2', { name: 'bob' });
    await scene.logIn('u-2');
    scene.server.intercept = (path, response, request) =>
      path === '/token' && intercept(path, response, request);
    await scene.round();
    await scene.round();
    expect([scene.left, scene.ended]).toEqual([[], []]);
    expect(scene.errors).toEqual([expect.objectContaining({ code: 'provider_failed' })]);
    scene.server.intercept = () => false;
    await scene.round();
    expect([scene.left, await readGroups()]).toEqual([[], ['engineers']]);
  });

  it('is told of again when it goes away again', async () => {
    for (let time = 0; time < 2; time += 1) {
      scene.server.intercept = (path, response) => {
        if (path === '/token') response.writeHead(503).end('');
        return path === '/token';
      };
      await scene.round();
      scene.server.intercept = () => false;
      await scene.round();
    }
    expect(scene.errors).toHaveLength(2);
  });

  it('and loses the answer in which it gave a new renewal: a login is needed, but nobody has left', async () => {
    await using other = await openScene({ rotatesRenewals: true });
    other.server.accounts.set('u-1', { name: 'ada', groups: ['engineers'] });
    await other.logIn('u-1');
    other.server.intercept = (path, response) => {
      if (path === '/token') {
        const { end } = response;
        response.end = ((...parts: Parameters<typeof end>) => {
          response.socket?.destroy();
          return end.apply(response, parts);
        }) as typeof end;
      }
      return false;
    };
    await other.round();
    other.server.intercept = () => false;
    await other.round();
    expect([other.left, other.ended]).toEqual([[], ['oidc:u-1']]);
    expect((await other.people.find('oidc:u-1'))?.renewal).toBeNull();
    await other.logIn('u-1');
    other.server.accounts.delete('u-1');
    await other.round();
    expect(other.left).toEqual(['oidc:u-1']);
  });

  it('that answers about somebody else changes nothing', async () => {
    scene.server.rewrite = (claims) => ({ ...claims, sub: 'u-2', groups: ['admins'] });
    await scene.round();
    expect([await readGroups(), scene.left, scene.errors.length]).toEqual([['engineers'], [], 1]);
  });
});
