import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/core/secret.ts';
import { createWebSessions } from '../../../src/server/pages/web-sessions.ts';
import { createFakeClock } from '../../support/fakes/fake-clock.ts';
import { createMemoryProtocolStore } from '../../support/fakes/memory-protocol-store.ts';

const MINUTE_MS = 60_000;

function openSessions() {
  const clock = createFakeClock(1_000_000);
  const protocol = createMemoryProtocolStore();
  const limits = { sessionSeconds: 3600, idleSeconds: 600 };
  const sessions = createWebSessions({
    protocol,
    clock,
    limits,
    cookieSecrets: () => [new Secret('a-secret-of-the-test')],
  });
  const login = { subject: 'anna', authenticatedAt: 1_000_000, strengths: [] };
  return { clock, protocol, sessions, login };
}

describe('a session of a browser', () => {
  it('ends when nobody was there for a while, and lives on when somebody was', async () => {
    const { clock, sessions, login } = openSessions();
    const id = await sessions.start(login, sessions.makeId());
    await clock.advance(9 * MINUTE_MS);
    expect(await sessions.find(id)).toMatchObject({ subject: 'anna' });
    await clock.advance(9 * MINUTE_MS);
    expect(await sessions.find(id)).toMatchObject({ subject: 'anna' });
    await clock.advance(10 * MINUTE_MS);
    expect(await sessions.find(id)).toBeUndefined();
  });

  it('does not come back when it is ended while somebody looks at it', async () => {
    const { clock, protocol, sessions, login } = openSessions();
    const id = await sessions.start(login, sessions.makeId());
    await clock.advance(5 * MINUTE_MS);
    const looking = sessions.find(id);
    await protocol.removeByAccount('anna');
    expect(await looking).toBeUndefined();
    expect(await sessions.find(id)).toBeUndefined();
  });

  it('TOK-08: takes what a form was given before the secrets were rotated, until the one of then is over', () => {
    const [first, second] = [new Secret('the first secret'), new Secret('the second secret')];
    const { clock, protocol } = openSessions();
    let secrets: readonly Secret[] = [first];
    const limits = { sessionSeconds: 3600, idleSeconds: 600 };
    const sessions = createWebSessions({ protocol, clock, limits, cookieSecrets: () => secrets });
    const id = sessions.makeId();
    const [csrf, ticket] = [sessions.makeCsrf(id), sessions.makeTicket(id, 'BCDF-GHJK')];
    secrets = [second, first];
    expect([sessions.isCsrf(id, csrf), sessions.isTicket(id, 'BCDF-GHJK', ticket)]).toEqual([true, true]);
    expect(sessions.makeCsrf(id)).not.toBe(csrf);
    expect(sessions.isTicket(id, 'BCDF-GHJL', ticket)).toBe(false);
    secrets = [second];
    expect([sessions.isCsrf(id, csrf), sessions.isTicket(id, 'BCDF-GHJK', ticket)]).toEqual([false, false]);
  });
});
