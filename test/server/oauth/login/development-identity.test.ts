import { describe, expect, it } from 'vitest';
import { Secret } from '../../../../src/core/secret.ts';
import { createAttempts } from '../../../../src/server/oauth/login/attempts.ts';
import {
  createDevelopmentIdentity,
  makePin,
  requireLoopback,
} from '../../../../src/server/oauth/login/development-identity.ts';
import { createMemoryProtocolStore } from '../../../support/fakes/memory-protocol-store.ts';

function open() {
  const clock = { now: () => 0, monotonicMs: () => 0, sleep: async () => {} };
  return createDevelopmentIdentity({
    users: [{ name: 'dev', groups: ['engineers'] }],
    pin: new Secret('271828'),
    attempts: createAttempts({ protocol: createMemoryProtocolStore(), clock }),
  });
}

const claim = { name: 'dev', pin: '271828', address: '127.0.0.1' };

describe('development users', () => {
  it('are found by a subject that says what they are', async () => {
    const person = {
      subject: 'dev:dev',
      name: 'dev',
      kind: 'person',
      groups: ['engineers'],
      person: 'dev:dev',
    };
    expect(await open().find('dev:dev')).toEqual(person);
    expect(await open().find('dev')).toBeUndefined();
    expect(await open().verify(claim)).toEqual(person);
  });

  it('OAU-08: need the PIN, and stop listening to an address and to everyone after many wrong ones', async () => {
    const identity = open();
    expect(await identity.verify({ ...claim, pin: '271829' })).toBeUndefined();
    expect(await identity.verify({ ...claim, name: 'admin' })).toBeUndefined();
    for (let index = 0; index < 40; index += 1) {
      await identity.verify({ name: `name ${index}`, pin: 'wrong', address: `127.0.0.${index}` });
    }
    expect(await identity.verify(claim)).toBeUndefined();
  });

  it('have a PIN of six digits that is not the same twice in a row', () => {
    const pins = Array.from({ length: 20 }, () => makePin().reveal());
    for (const pin of pins) expect(pin).toMatch(/^\d{6}$/);
    expect(new Set(pins).size).toBeGreaterThan(15);
  });

  it.each(['127.0.0.1', '127.9.9.9', '::1', '[::1]', 'localhost'])('OAU-08: may listen at %s', (host) => {
    expect(() => requireLoopback(host)).not.toThrow();
  });

  it.each([
    '0.0.0.0',
    '::',
    '10.0.0.1',
    '127.0.0.1.example.com',
    'jit.example.com',
    '',
    '::ffff:10.0.0.1',
    '128.0.0.1',
  ])('OAU-08: are refused at %s', (host) => {
    expect(() => requireLoopback(host)).toThrowError(expect.objectContaining({ code: 'config_invalid' }));
  });
});
