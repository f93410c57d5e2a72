import { describe, expect, it } from 'vitest';
import type { LoginWay } from '../../../src/core/ports/session.ts';
import { Secret } from '../../../src/core/secret.ts';
import { decodeSession, encodeSession } from '../../../src/core/wire/session.ts';
import { buildSession } from '../../support/fakes/fake-authorization.ts';

const reread = (text: string) => decodeSession(new Secret(text));

describe('a session in the keychain', () => {
  it.each<LoginWay>([
    { kind: 'device' },
    { kind: 'browser' },
    { kind: 'workload', tokenFile: '/run/secrets/jit/token' },
  ])('is read as it was written, whichever way it came about: %o', (way) => {
    const refreshToken = way.kind === 'workload' ? null : new Secret('refresh-1');
    const session = buildSession({ way, refreshToken });
    const read = decodeSession(encodeSession(session));
    expect(read).toEqual(session);
    expect(read?.accessToken.reveal()).toBe('access-0');
    expect(read?.refreshToken?.reveal()).toBe(refreshToken?.reveal());
    expect(read?.dpopKey.reveal()).toBe(session.dpopKey.reveal());
  });

  it('from before there were several ways was a device login', () => {
    const { way: _, ...older } = JSON.parse(encodeSession(buildSession()).reveal());
    expect(reread(JSON.stringify(older))).toEqual(buildSession());
  });

  it('INP-04: is none where it does not fit its way, or is of another version', () => {
    const good = JSON.parse(encodeSession(buildSession()).reveal());
    for (const changes of [
      { way: 'workload' },
      { way: 'carrier pigeon' },
      { version: 2 },
      { refresh_token: '' },
      { refresh_token: undefined },
      { access_token: 7 },
      { dpop_key: {} },
    ])
      expect(reread(JSON.stringify({ ...good, ...changes }))).toBeUndefined();
    for (const text of ['', 'null', '[]', '{"version":1', JSON.stringify(good).slice(0, -9)])
      expect(reread(text)).toBeUndefined();
  });
});
