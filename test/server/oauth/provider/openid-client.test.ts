import * as client from 'openid-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { approve, DEVICE_GRANT } from '../../../support/device-client.ts';
import { type OAuthServer, startOAuthServer } from '../../../support/oauth-server.ts';

let server: OAuthServer;

beforeEach(async () => {
  server = await startOAuthServer();
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

async function connect(): Promise<client.Configuration> {
  const options = { execute: [client.allowInsecureRequests] };
  return client.discovery(new URL(server.url), 'jit-cli', {}, client.None(), options);
}

describe('the library that jit itself logs in with', () => {
  it('finds the server, logs in, refreshes, calls /v1 and logs out', async () => {
    const configuration = await connect();
    const pair = await client.randomDPoPKeyPair('ES256');
    const withProof = { DPoP: client.getDPoPHandle(configuration, pair) };
    const device = await client.initiateDeviceAuthorization(configuration, {
      scope: 'openid offline_access',
      jit_host: 'laptop',
    });
    expect(device.verification_uri_complete).toBe(`${server.url}/device?user_code=${device.user_code}`);
    await approve(server.url, device.user_code);
    const code = { device_code: device.device_code };
    const tokens = await client.genericGrantRequest(configuration, DEVICE_GRANT, code, withProof);
    expect([tokens.token_type, tokens.scope, tokens.expires_in]).toEqual([
      'dpop',
      'openid offline_access',
      600,
    ]);

    const refreshToken = tokens.refresh_token ?? '';
    const fresh = await client.refreshTokenGrant(configuration, refreshToken, undefined, withProof);
    const me = await client.fetchProtectedResource(
      configuration,
      fresh.access_token,
      new URL(`${server.url}/v1/me`),
      'GET',
      undefined,
      undefined,
      withProof,
    );
    expect(await me.json()).toMatchObject({ principal: { subject: 'dev:dev' } });

    await client.tokenRevocation(configuration, refreshToken);
    const again = client.refreshTokenGrant(configuration, refreshToken, undefined, withProof);
    await expect(again).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  it('is refused a token without a proof', async () => {
    const configuration = await connect();
    const device = await client.initiateDeviceAuthorization(configuration, { scope: 'openid' });
    await approve(server.url, device.user_code);
    const code = { device_code: device.device_code };
    const bare = client.genericGrantRequest(configuration, DEVICE_GRANT, code);
    await expect(bare).rejects.toMatchObject({ error: 'invalid_grant' });
  });
});
