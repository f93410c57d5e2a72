import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readServerConfig } from '../../../src/adapters/config/read-config.ts';
import { CONNECTOR_KINDS } from '../../../src/adapters/connectors/kinds.ts';
import { buildCatalogue, type ServerConfig } from '../../../src/core/config.ts';
import { projectRoot } from '../../support/sources/imports.ts';
import { complaintCases } from './complaint-cases.ts';

const environment = {
  JIT_SECRET: 'canary-'.padEnd(32, 'x'),
  ORDERS_ADMIN_URL: 'postgres://jit:canary@db.internal/orders',
  ORDERS_API_SECRET: 'canary-'.padEnd(40, 'y'),
};

const example = await readFile(join(projectRoot, 'examples/jit.yaml'), 'utf8');
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jit-config-'));
});

afterAll(() => rm(folder, { recursive: true }));

async function read(text: string | Uint8Array, mode = 0o644) {
  const path = join(folder, 'jit.yaml');
  await writeFile(path, text);
  await chmod(path, mode);
  return readServerConfig(path, { environment, kinds: CONNECTOR_KINDS });
}

/** The example with one thing changed; `from` must be there. */
function change(from: string, to: string): string {
  expect(example).toContain(from);
  return example.replace(from, () => to);
}

function lineOf(text: string, needle: string): number {
  return text.slice(0, text.indexOf(needle)).split('\n').length;
}

async function complaint(text: string | Uint8Array, mode?: number): Promise<string> {
  const error: unknown = await read(text, mode).catch((cause: unknown) => cause);
  expect(error).toMatchObject({ code: 'config_invalid' });
  return error instanceof Error ? error.message : '';
}

describe('the example', () => {
  it('is a configuration', async () => {
    const config = await readServerConfig(join(projectRoot, 'examples/jit.yaml'), {
      environment,
      kinds: CONNECTOR_KINDS,
    });
    expect(config).toMatchObject({
      url: 'http://127.0.0.1:7420',
      timeZone: 'Europe/Rome',
      store: { kind: 'sqlite', path: join(projectRoot, 'examples/jit.db') },
      login: { sessionSeconds: 43_200, idleSeconds: 3600 },
      pendingSeconds: 3600,
      claimWindowSeconds: 900,
      policiesFolder: null,
    });
    expect(config.scopes[0]).toMatchObject({
      name: 'prod:db.read',
      defaultSeconds: 1800,
      maxSeconds: 14_400,
    });
    expect(config.targets[0]).toMatchObject({
      settings: { member_of: { 'prod:db.write': ['orders_writer'] } },
    });
  });

  it('takes secrets from the environment, and shows none', async () => {
    const config = await read(example);
    expect(config.secret?.reveal()).toBe(environment.JIT_SECRET);
    expect(JSON.stringify(config)).not.toContain('canary');
  });

  it('resolves its paths against its own folder', async () => {
    const config = await read(change('# policies: ./policies', 'policies: ./policies'));
    expect(config.policiesFolder).toBe(join(folder, 'policies'));
    expect(config.store).toEqual({ kind: 'sqlite', path: join(folder, 'jit.db') });
  });

  it('may leave out all that has a default', async () => {
    const text = example.replace(
      /^(login|timezone|trusted_proxies|pending_ttl|claim_window):.*\n(?:^ .*\n)*/gm,
      '',
    );
    expect(text.length).toBeLessThan(example.length - 200);
    const defaults = { timeZone: 'UTC', pendingSeconds: 3600, login: { device: true } };
    expect(await read(text)).toMatchObject(defaults);
  });
});

describe('INP-03: refused with file, line and key', () => {
  it.each(complaintCases)('%s', async (_, pattern, to, expected) => {
    const from = typeof pattern === 'string' ? pattern : (pattern.exec(example)?.[0] ?? 'no such text');
    const text = change(from, to);
    const message = await complaint(text);
    expect(message).toContain(expected);
    const place = /^jit\.yaml:(\d+)/.exec(message);
    const first = lineOf(example, from);
    expect(Number(place?.[1])).toBeGreaterThanOrEqual(first - 4);
    expect(Number(place?.[1])).toBeLessThanOrEqual(first + to.split('\n').length + 1);
  });

  it('OAU-08: development users on an address that is not loopback', async () => {
    expect(await complaint(change('listen: 127.0.0.1:7420', 'listen: 0.0.0.0:7420'))).toContain(
      'identity.dev: is for a server that listens on loopback only',
    );
  });

  it('a company that would get the sample rules', async () => {
    const people = /identity:\n {2}dev:\n(?: {4}.*\n)*/.exec(example)?.[0] ?? '';
    const oidc = '{ issuer: "https://login.example.com", client_id: jit, client_secret: x }';
    const text = change(people, `identity: { oidc: ${oidc} }\n`);
    expect(await complaint(text)).toContain('identity.oidc: wants "policies"');
    expect(await complaint(text.replace('# policies:', 'policies:'))).not.toContain('wants');
  });

  it('a secret that is too short, without repeating it', async () => {
    const message = await complaint(change('${JIT_SECRET}', 'canary-short'), 0o600);
    expect(message).toMatch(/^jit\.yaml:\d+ secret: must be at least 32 bytes/);
    expect(message).not.toContain('canary');
  });

  it('a byte order mark, and bytes that are not UTF-8', async () => {
    expect(await complaint(`\uFEFF${example}`)).toContain('jit.yaml:1: begins with a byte order mark');
    expect(await complaint(Uint8Array.of(0x75, 0xff, 0xfe))).toContain('is not UTF-8');
  });

  it('a file that others may write', async () => {
    for (const mode of [0o666, 0o664, 0o646])
      expect(await complaint(example, mode)).toContain('written by others');
  });

  it('I5: a secret in the clear in a file that others may read', async () => {
    const text = change('${JIT_SECRET}', 'canary-'.padEnd(32, 'x'));
    const message = await complaint(text, 0o640);
    expect(message).toContain(`jit.yaml:${lineOf(text, 'secret: canary')} secret: stands here in the clear`);
    expect(message).not.toContain('canary');
    expect((await read(text, 0o600)).secret?.reveal()).toContain('canary');
  });

  it('a store on PostgreSQL without the secret that all replicas need', async () => {
    const url = 'postgres://jit:${JIT_SECRET}@db/jit';
    const text = change('sqlite:./jit.db', url);
    expect((await read(text)).store.kind).toBe('postgres');
    expect(await complaint(text.replace(/^secret: .*$/m, ''))).toContain(
      'secret: is needed with a store on PostgreSQL',
    );
  });

  it('I5: the password of the store in the clear in a file that others may read', async () => {
    const text = change('sqlite:./jit.db', 'postgres://jit:canary@db/jit');
    const message = await complaint(text, 0o640);
    expect(message).toContain('store: stands here in the clear');
    expect(message).not.toContain('canary');
    expect((await read(change('sqlite:./jit.db', 'postgres://jit@db/jit'), 0o644)).store.kind).toBe(
      'postgres',
    );
  });

  it('a file that repeats itself without end', async () => {
    const bomb = Array.from(
      { length: 9 },
      (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join()}]`,
    );
    expect(await complaint(`a0: &a0 [x]\n${bomb.join('\n')}\n`)).toContain('repeats too much of itself');
  });

  it('a file that is empty, a folder, or not there', async () => {
    expect(await complaint('')).toContain('must be');
    await expect(readServerConfig(folder, { environment: {}, kinds: CONNECTOR_KINDS })).rejects.toMatchObject(
      { code: 'config_invalid' },
    );
    await expect(
      readServerConfig(join(folder, 'none.yaml'), { environment: {}, kinds: CONNECTOR_KINDS }),
    ).rejects.toMatchObject({
      code: 'config_invalid',
    });
  });

  it('everything at once, in the order of the file', async () => {
    const text = change('claim_window: 15m', 'claim_window: 15').replace('Europe/Rome', 'Europe/Atlantis');
    expect(await complaint(text)).toMatch(/^jit\.yaml:\d+ timezone: .*; jit\.yaml:\d+ claim_window: /);
  });
});

describe('a target’s tokens', () => {
  it('last as long as their grant and are bearer tokens, unless it says otherwise', async () => {
    const target = (config: ServerConfig) => config.targets.find(({ name }) => name === 'orders-api');
    const rules = change('# token_ttl: 5m', 'token_ttl: 5m').replace('# dpop: true', 'dpop: true');
    expect(target(await read(example))).not.toHaveProperty('tokenSeconds');
    expect(target(await read(example))).not.toHaveProperty('isBound');
    expect(target(await read(rules))).toMatchObject({ tokenSeconds: 300, isBound: true, settings: {} });
    expect(buildCatalogue(await read(rules)).targets[1]).toMatchObject({ tokenSeconds: 300, isBound: true });
  });
});

describe('a variable', () => {
  it('is text, whatever it looks like, and cannot add settings', async () => {
    const text = change('description: Read production data', 'description: ${EVIL}');
    await writeFile(join(folder, 'evil.yaml'), text);
    const config = await readServerConfig(join(folder, 'evil.yaml'), {
      environment: { ...environment, EVIL: 'true, max: 300d }' },
      kinds: CONNECTOR_KINDS,
    });
    expect(config.scopes[0]).toMatchObject({ description: 'true, max: 300d }', maxSeconds: 14_400 });
  });

  it('may be written without being one', async () => {
    const config = await read(change('Read production data', '"costs $${MONEY}"'));
    expect(config.scopes[0]?.description).toBe('costs ${MONEY}');
  });
});
