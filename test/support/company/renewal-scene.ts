import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCompany } from '../../../src/adapters/oauth/company/company.ts';
import { createOutgoing } from '../../../src/adapters/outgoing/outgoing.ts';
import { openSqliteStore } from '../../../src/adapters/store/sqlite/open.ts';
import { Secret } from '../../../src/core/secret.ts';
import { createOutage } from '../../../src/server/outage.ts';
import { createCompanyPeople } from '../../../src/server/people/company-people.ts';
import { type RenewalParts, renewPeople } from '../../../src/server/people/renew-people.ts';
import { type CompanyServer, type CompanyServerOptions, startCompanyServer } from './provider.ts';

const CALLBACK = 'http://127.0.0.1:7420/login/callback';
const SECRET = new Secret('a secret of the tests, as long as it needs to be');
const REFRESH_SECONDS = 300;

/** The company, a store, and what asks the one about the people of the other. */
export type Scene = AsyncDisposable &
  RenewalParts & {
    readonly server: CompanyServer;
    readonly left: string[];
    readonly ended: string[];
    readonly errors: unknown[];
    readonly directory: ReturnType<typeof createCompanyPeople>['directory'];
    logIn(account: string): Promise<void>;
    /** Lets the period pass. */
    pass(): void;
    /** Lets it pass, and asks about everyone. */
    round(): Promise<void>;
    present: boolean;
    /** Who holds access. */
    holders: readonly string[];
    /** What those who left have cannot be taken. */
    isFailing: boolean;
  };

export async function openScene(options: CompanyServerOptions = {}): Promise<Scene> {
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
    holders: [],
    isFailing: false,
    isPresent: async (subject) => scene.present && (await known.mayHaveSession(subject)),
    logins: { endAll: async (subject) => ended.push(subject) },
    listHolders: async () => scene.holders,
    onLeft: async (subject) => {
      left.push(subject);
      if (scene.isFailing) throw new Error('the store is full');
    },
    outage: createOutage((error) => errors.push(error)),
    onError: (error) => errors.push(error),
    async logIn(account) {
      const keys = { state: 's'.repeat(64), nonce: 'n'.repeat(43), codeVerifier: 'v'.repeat(43) };
      const address = await company.start({ redirectUri: CALLBACK, keys, demand: null, isOther: false });
      await known.remember(
        await company.finish({ address: await authorize(address, account), keys, demand: null }),
      );
    },
    pass() {
      skewMs += (REFRESH_SECONDS + 1) * 1_000;
    },
    async round() {
      scene.pass();
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
