import { randomUUID } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startJitServer } from '../../support/programs/jit-server.ts';

const CHANNEL = 'http.server.request.start';

let asked: string[];
const note = (message: unknown): void => {
  asked.push((message as { readonly request: { readonly url: string } }).request.url);
};

beforeEach(() => {
  asked = [];
  subscribe(CHANNEL, note);
});
afterEach(() => {
  unsubscribe(CHANNEL, note);
});

describe('OAU-05: an address that the server is asked for', () => {
  it('never holds a token, from the login to giving back', async () => {
    await using server = await startJitServer();
    const { backend, session } = await server.logIn('dev');
    const { claimed } = await backend.submit({
      scopes: ['prod:api.read'],
      target: 'orders-api',
      durationSeconds: 600,
      reason: 'INC-4211 slow checkout',
      ticket: null,
      extendsGrantId: null,
      breakGlass: false,
      idempotencyKey: randomUUID(),
    });
    await backend.claim(claimed?.request.id ?? '');
    await backend.readStatus();
    await backend.revoke(claimed?.grant.id ?? '', 'done');
    const secrets = [session.accessToken, session.refreshToken, claimed?.token].map((secret) =>
      secret?.reveal(),
    );
    expect(asked.filter((url) => url.startsWith('/oauth/') || url.startsWith('/v1/')).length).toBeGreaterThan(
      5,
    );
    for (const secret of secrets) {
      expect(secret).toMatch(/^\S{20,}$/);
      expect(asked.filter((url) => url.includes(secret ?? ''))).toEqual([]);
    }
  });
});
