import { describe, expect, it, vi } from 'vitest';
import { logIn, makeProofKey, postForm } from '../../support/device-client.ts';
import { startOAuthServer } from '../../support/oauth-server.ts';

describe('the provider', () => {
  it('prints nothing of its own, when it starts and when it answers', async () => {
    const prints = (['log', 'info', 'warn', 'error'] as const).map((name) =>
      vi.spyOn(console, name).mockImplementation(() => {}),
    );
    await using quiet = await startOAuthServer();
    for (const path of ['/.well-known/openid-configuration', '/oauth/jwks', '/oauth/auth', '/oauth/token']) {
      await fetch(quiet.url + path, { headers: { origin: 'https://elsewhere.example' } });
      await fetch(quiet.url + path, { method: 'POST', headers: { origin: 'https://elsewhere.example' } });
    }
    const fields = { client_id: 'jit-cli', grant_type: 'refresh_token', refresh_token: 'unknown' };
    await postForm(`${quiet.url}/oauth/token`, fields, { origin: 'https://elsewhere.example' });
    await logIn(quiet.url, await makeProofKey());
    expect(prints.flatMap((print) => print.mock.calls)).toEqual([]);
  });
});
