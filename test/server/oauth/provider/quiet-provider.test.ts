import { connect } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { logIn, makeProofKey, postForm } from '../../../support/device-client.ts';
import { startOAuthServer } from '../../../support/oauth-server.ts';

/** Sends the beginning of a body and waits until the server has had enough. */
function dawdle(url: string): Promise<string> {
  const { hostname, port, host } = new URL(url);
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => {
      const type = 'application/x-www-form-urlencoded';
      socket.write(
        `POST /oauth/token HTTP/1.1\r\nhost: ${host}\r\ncontent-type: ${type}\r\ncontent-length: 99\r\n\r\nx`,
      );
    });
    socket.on('data', (chunk) => {
      answer += String(chunk);
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
  });
}

describe('the provider', () => {
  it('INP-01: tells nobody of a body that took too long', async () => {
    const http = { requestTimeout: 200, headersTimeout: 100, connectionsCheckingInterval: 50 };
    await using server = await startOAuthServer({ http });
    const answers = await Promise.all(Array.from({ length: 10 }, () => dawdle(server.url)));
    expect(new Set(answers.map((answer) => answer.slice(0, 12)))).toEqual(new Set(['HTTP/1.1 408']));
    expect((await fetch(`${server.url}/oauth/jwks`)).status).toBe(200);
    expect(server.errors).toEqual([]);
  });

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
