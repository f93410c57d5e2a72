import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Credential } from '../../src/core/credential.ts';
import type { Claimed } from '../../src/core/view.ts';
import { type LateServer, startLateServer } from '../support/crash/late-server.ts';
import { buildSubmission } from '../support/crash/scene.ts';
import { logIn as logInAtTarget, startTestServer, type TestServer } from '../support/databases/postgres.ts';
import { findViolations } from '../support/faults/invariants.ts';
import { logIn, type Someone } from '../support/programs/jit-server.ts';
import { findQuietPort } from '../support/quiet-port.ts';
import { until } from '../support/until.ts';

const ROUNDS = 3;

const database = await startTestServer('embedded');
let server: LateServer;
let dev: Someone;
let lead: Someone;
let elsewhere: Someone;
let folder: string;

beforeAll(async () => {
  if (!database) return;
  folder = await mkdtemp(join(tmpdir(), 'jit-races-'));
  const port = await findQuietPort();
  server = await startLateServer({ folder, port, urls: { orders: database.adminUrl.reveal() } }, 0);
  const url = `http://127.0.0.1:${port}`;
  [dev, elsewhere, lead] = await Promise.all(
    ['dev', 'dev', 'dba-lead'].map((user) => logIn(url, { user })) as [
      Promise<Someone>,
      Promise<Someone>,
      Promise<Someone>,
    ],
  );
});

afterAll(async () => {
  if (!database) return;
  await until('all ended', async () => (await listOpenGrants()).length === 0);
  const { store, connectors, now } = server;
  expect(await findViolations({ store, connectors, now: now() })).toEqual([]);
  expect(server.errors).toEqual([]);
  await server[Symbol.asyncDispose]();
  await database.stop();
  await rm(folder, { recursive: true, force: true });
});

function listOpenGrants() {
  return server.store.listGrants({ states: ['provisioning', 'active', 'revoking'], limit: 999 });
}

async function countRoles({ sql }: TestServer): Promise<number> {
  return (await sql(String.raw`SELECT FROM pg_roles WHERE rolname LIKE 'jit\_%\_%'`)).length;
}

/** Of these credentials, those that open a session. */
async function findWorking(credentials: readonly Credential[]): Promise<readonly Credential[]> {
  const tried = credentials.map(async (credential) => {
    const session = await logInAtTarget(credential);
    await session.close();
    return credential;
  });
  const settled = await Promise.allSettled(tried);
  return settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}

function readPassword(credential: Credential): string {
  return credential.secretFiles[0]?.instead.value.reveal() ?? '';
}

async function expectOneCredential(answers: readonly (Claimed | null)[]): Promise<string> {
  const claimed = answers.filter((answer) => answer !== null);
  expect(claimed).toHaveLength(answers.length);
  expect(new Set(claimed.map(({ grant }) => grant.id)).size).toBe(1);
  const credentials = claimed.flatMap(({ credential }) => (credential ? [credential] : []));
  expect(credentials).toHaveLength(answers.length);
  const byPassword = new Map(credentials.map((credential) => [readPassword(credential), credential]));
  expect(await findWorking([...byPassword.values()])).toHaveLength(1);
  if (database) expect(await countRoles(database)).toBe(1);
  return claimed[0]?.grant.id ?? '';
}

describe.skipIf(!database)('at the very same moment', () => {
  it('I2: 50 requests with 50 keys are one request, one grant, one role; the last password given works', async () => {
    const asked = Array.from({ length: 50 }, () => dev.backend.submit(buildSubmission()));
    const answers = await Promise.all(asked);
    expect(new Set(answers.map(({ request }) => request.id)).size).toBe(1);
    const id = await expectOneCredential(answers.map(({ claimed }) => claimed));
    await dev.backend.revoke(id, 'done');
  });

  it('I2: 50 claims from two machines are one grant and one role; the last password given works', async () => {
    const { request } = await dev.backend.submit(buildSubmission());
    const claims = Array.from({ length: 50 }, (_, index) =>
      (index % 2 === 0 ? dev : elsewhere).backend.claim(request.id),
    );
    const id = await expectOneCredential(await Promise.all(claims));
    await dev.backend.revoke(id, 'done');
  });

  it('S1, I2: 32 who give back, revoke and let expire end a grant once, with one cause and one trail', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const { claimed } = await dev.backend.submit(buildSubmission({ durationSeconds: 3 }));
      const id = claimed?.grant.id ?? '';
      const expiresAt = claimed?.grant.expiresAt ?? 0;
      // Around the end, a little earlier and later each time: the worker is one of those who race.
      await until('near its end', async () => server.now() > expiresAt - 30 + round * 10);
      const moves = Array.from({ length: 31 }, (_, index) =>
        index % 2 === 0 ? dev.backend.revoke(id, 'done') : lead.backend.revoke(id, 'revoked'),
      );
      const seen = await Promise.all(moves);
      expect(new Set(seen.map((grant) => `${grant.state} ${grant.endedBecause}`)).size).toBe(1);
      expect(seen[0]).toMatchObject({
        state: 'ended',
        endedBecause: expect.stringMatching(/^(done|revoked|expired)$/),
      });
      const events = await server.store.listEvents({ grantId: id, limit: 99 });
      expect(events.map(({ kind }) => kind)).toEqual([
        'grant.provisioning',
        'grant.activated',
        'grant.revoking',
        'grant.ended',
      ]);
    }
  });
});
