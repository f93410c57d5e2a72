import { beforeEach, describe, expect, it } from 'vitest';
import { createSessionSource, type SessionKeeper } from '../../src/client/session.ts';
import { fail } from '../../src/core/errors.ts';
import type { Lock } from '../../src/core/ports/lock.ts';
import { Secret } from '../../src/core/secret.ts';
import { encodeSession } from '../../src/core/wire/session.ts';
import {
  buildSession,
  createFakeAuthorization,
  type FakeAuthorization,
} from '../support/fakes/fake-authorization.ts';
import {
  createQueueLock,
  createSharedKeychain,
  type SharedKeychain,
} from '../support/fakes/fake-authorization-keychain.ts';
import { createSteppingClock } from '../support/scripted-server/clock.ts';

const SERVER = 'https://jit.example.com';
const ITEM = 'jit jit.example.com / session';
const clock = createSteppingClock();
const stale = buildSession({ accessExpiresAt: clock.now() + 29_000 });
const fresh = buildSession({ accessExpiresAt: clock.now() + 31_000 });

let keychain: SharedKeychain;
let lock: ReturnType<typeof createQueueLock>;
let authorization: FakeAuthorization;

beforeEach(() => {
  keychain = createSharedKeychain();
  lock = createQueueLock();
  authorization = createFakeAuthorization({ expiresAt: clock.now() + 900_000 });
});

/** An instance as another process would have it: the keychain and the lock are all that they share. */
function start(parts: { readonly server?: string; readonly lock?: Pick<Lock, 'run'> } = {}): SessionKeeper {
  return createSessionSource({ server: SERVER, keychain, lock, authorization, clock, ...parts });
}

async function readToken(session: SessionKeeper): Promise<string> {
  return (await session.read()).accessToken.reveal();
}

describe('the session', () => {
  it('is login_needed when the keychain has none', async () => {
    await expect(start().read()).rejects.toMatchObject({ code: 'login_needed', exitCode: 4 });
    await expect(start().renew(stale)).rejects.toMatchObject({ code: 'login_needed' });
  });

  it('is used as it is while its token has more than 30 s left', async () => {
    keychain.items.set(ITEM, encodeSession(fresh));
    expect(await readToken(start())).toBe('access-0');
    expect(authorization.refreshes).toBe(0);
  });

  it('is refreshed and stored when its token has less than 30 s left', async () => {
    keychain.items.set(ITEM, encodeSession(stale));
    expect(await readToken(start())).toBe('access-1');
    expect(await readToken(start())).toBe('access-1');
    expect(authorization.refreshes).toBe(1);
  });

  it('is read from the keychain once a process while it is fresh', async () => {
    keychain.items.set(ITEM, encodeSession(fresh));
    const session = start();
    await session.read();
    await session.read();
    expect(keychain.reads).toBe(1);
  });

  it('S11: any number of processes that find it stale refresh it once', async () => {
    keychain.items.set(ITEM, encodeSession(stale));
    const tokens = await Promise.all(Array.from({ length: 25 }, () => readToken(start())));
    expect(new Set(tokens)).toEqual(new Set(['access-1']));
    expect(authorization.refreshes).toBe(1);
  });

  it('S11: without the lock they would not, so this test can fail', async () => {
    keychain.items.set(ITEM, encodeSession(stale));
    const noLock: Pick<Lock, 'run'> = { run: (_name, action) => action() };
    await Promise.all(Array.from({ length: 5 }, () => readToken(start({ lock: noLock }))));
    expect(authorization.refreshes).toBe(5);
  });

  it('S11: parallel callers in one process share one refresh', async () => {
    keychain.items.set(ITEM, encodeSession(stale));
    const session = start();
    await Promise.all([session.read(), session.read(), session.read()]);
    expect(authorization.refreshes).toBe(1);
    expect(lock.names).toEqual(['session-jit.example.com']);
  });

  it('S11: a refused token that another process has replaced meanwhile is not refreshed again', async () => {
    keychain.items.set(ITEM, encodeSession(fresh));
    const [first, second] = [start(), start()];
    const refused = await first.read();
    await second.read();
    const renewed = await Promise.all([first.renew(refused), second.renew(refused)]);
    expect(renewed.map((session) => session.accessToken.reveal())).toEqual(['access-1', 'access-1']);
    expect(authorization.refreshes).toBe(1);
  });

  it('S11: a logout that wins the lock ends the refresh that waited for it', async () => {
    keychain.items.set(ITEM, encodeSession(stale));
    const [leaving, waiting] = [start(), start()];
    const left = leaving.clear();
    await expect(waiting.read()).rejects.toMatchObject({ code: 'login_needed' });
    expect(await left).toBe(true);
    expect(authorization.refreshes).toBe(0);
    expect(keychain.items.size).toBe(0);
  });

  it('S11: a logout during a refresh stays a logout', async () => {
    keychain.items.set(ITEM, encodeSession(stale));
    let left: Promise<boolean> | undefined;
    authorization = createFakeAuthorization({
      expiresAt: clock.now() + 900_000,
      meanwhile: async () => {
        left = start().clear();
      },
    });
    await start().read();
    await left;
    await expect(start().read()).rejects.toMatchObject({ code: 'login_needed' });
  });

  it('keeps what it had when the refresh fails', async () => {
    keychain.items.set(ITEM, encodeSession(stale));
    const unreachable = fail('unreachable', { address: SERVER, why: 'connection refused' });
    const failing = { refresh: () => Promise.reject(unreachable) };
    const session = createSessionSource({ server: SERVER, keychain, lock, clock, authorization: failing });
    await expect(session.read()).rejects.toBe(unreachable);
    expect(await readToken(start())).toBe('access-1');
  });

  it.each([
    ['nothing', ''],
    ['half of one', encodeSession(stale).reveal().slice(0, 90)],
    ['something foreign', 'hunter2'],
    ['another version', JSON.stringify({ ...JSON.parse(encodeSession(stale).reveal()), version: 2 })],
    ['a damaged key', encodeSession(stale).reveal().replace('P-256', 'P-999')],
    ['null', 'null'],
  ])('S14: an item with %s is unreadable, which is not being logged out', async (_name, text) => {
    keychain.items.set(ITEM, new Secret(text));
    await expect(start().read()).rejects.toMatchObject({ code: 'keychain_unreadable', exitCode: 4 });
  });

  it('never serves another scheme or port of the same host', async () => {
    keychain.items.set(ITEM, encodeSession(fresh));
    await expect(start({ server: 'http://jit.example.com' }).read()).rejects.toMatchObject({
      code: 'login_needed',
    });
    await expect(start({ server: `${SERVER}:8443` }).read()).rejects.toMatchObject({ code: 'login_needed' });
  });

  it('is found again by another process after it was stored, whole', async () => {
    await start({ server: `${SERVER}/` }).store(fresh);
    const found = await start().read();
    expect(found).toMatchObject({ server: SERVER, name: 'dev', accessExpiresAt: fresh.accessExpiresAt });
    expect(found.refreshToken?.reveal()).toBe(fresh.refreshToken?.reveal());
    expect(found.dpopKey.reveal()).toBe(fresh.dpopKey.reveal());
  });

  it('of one server cannot be stored as one of another', async () => {
    const foreign = buildSession({ server: 'https://other.example.com' });
    await expect(start().store(foreign)).rejects.toMatchObject({ code: 'failed' });
    expect(keychain.items.size).toBe(0);
  });

  it('names its lock so that any file system takes it', async () => {
    await expect(start({ server: 'http://[::1]:7420' }).renew(stale)).rejects.toMatchObject({
      code: 'login_needed',
    });
    expect(lock.names).toEqual(['session-___1__7420']);
  });
});
