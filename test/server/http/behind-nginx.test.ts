import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signProof } from '../../../src/adapters/backends/dpop-proof.ts';
import { readEvents } from '../../support/events.ts';
import { NGINX, type Nginx, startNginxInFront } from '../../support/nginx.ts';
import { type JitServer, startJitServer } from '../../support/programs/jit-server.ts';
import { logIn } from '../../support/programs/log-in.ts';
import { findFreePort } from '../../support/programs/stage.ts';
import { hasTool } from '../../support/tools.ts';

/** What is held back comes with the next sign of life, after 15 s. */
const LATEST_MS = 10_000;

const ASKED = {
  scopes: ['prod:api.read'],
  target: 'orders-api',
  durationSeconds: 900,
  reason: 'INC-4211 slow checkout',
  ticket: null,
  extendsGrantId: null,
  breakGlass: false,
};

describe.runIf(hasTool([NGINX, '-v'], 'nginx'))('jit behind the nginx of deploy/nginx.conf', () => {
  let jit: JitServer;
  let nginx: Nginx;
  let url = '';

  beforeAll(async () => {
    const [outside, inside] = [await findFreePort(), await findFreePort()];
    url = `http://127.0.0.1:${outside}`;
    const listen = { host: '127.0.0.1', port: inside };
    jit = await startJitServer({ config: { url, listen, trustedProxies: ['127.0.0.1'] } });
    nginx = await startNginxInFront(`http://127.0.0.1:${inside}`, outside);
  });

  afterAll(async () => {
    await nginx?.[Symbol.asyncDispose]();
    await jit?.[Symbol.asyncDispose]();
  });

  it('logs people in, takes their proofs, and tells what happens when it happens', async () => {
    const dev = await logIn(url, { user: 'dev' });
    const { session } = dev;
    const to = { method: 'GET', url: new URL('/v1/events', url), at: Date.now(), nonce: undefined };
    const headers = {
      authorization: `DPoP ${session.accessToken.reveal()}`,
      dpop: signProof(session, to),
      'x-forwarded-for': '203.0.113.9',
    };
    const events = readEvents(await fetch(to.url, { headers }));
    await events.opened;
    const { request } = await dev.backend.submit({ ...ASKED, idempotencyKey: 'behind-nginx' });
    const told = await Promise.race([events.take(1), setTimeout(LATEST_MS, [])]);
    expect(told.map(({ data }) => data.request_id)).toEqual([request.id]);
  });
});
