import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildSubmission } from '../support/crash/scene.ts';
import { logIn as logInAtTarget } from '../support/databases/postgres.ts';
import { logIn, type Someone } from '../support/programs/jit-server.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';
import { until } from '../support/until.ts';

let stage: Stage;
let dev: Someone;

beforeAll(async () => {
  stage = await startStage({ withDatabase: true });
  dev = await logIn(stage.url, { user: 'dev', pin: stage.pin });
});

afterAll(() => stage[Symbol.asyncDispose]());

function countRoles() {
  return stage.database?.sql(String.raw`SELECT FROM pg_roles WHERE rolname LIKE 'jit\_%\_%'`);
}

describe('the real jit server, killed and started again', () => {
  it('I1, I3: past the end of a grant: within 5 s the role is gone, the session closed, the end on record', async ({
    skip,
  }) => {
    if (!stage.database) return skip();
    const { claimed } = await dev.backend.submit(buildSubmission({ durationSeconds: 2 }));
    if (!claimed?.credential) throw new Error('nothing was granted');
    const session = await logInAtTarget(claimed.credential);
    await stage.stopServer('SIGKILL');
    await until('past its end', async () => Date.now() > claimed.grant.expiresAt);
    expect(await session.sql('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(await countRoles()).toHaveLength(1);

    await stage.startServer();
    await until('without a role', async () => (await countRoles())?.length === 0);
    await session.closed;
    const ended = await until('ended', async () => {
      const grant = await dev.backend.readGrant(claimed.grant.id);
      return grant.state === 'ended' && grant;
    });
    expect(ended).toMatchObject({
      endedBecause: 'expired',
      revocation: { confirmed: true, sessionsEnded: 1 },
    });
  });

  it('I2: within the grant: it is still there, and is delivered again', async ({ skip }) => {
    if (!stage.database) return skip();
    const { request, claimed } = await dev.backend.submit(buildSubmission({ durationSeconds: 600 }));
    await stage.stopServer('SIGKILL');
    await stage.startServer();
    const again = await dev.backend.claim(request.id);
    expect(again.grant.id).toBe(claimed?.grant.id);
    if (!again.credential) throw new Error('no credential was delivered');
    await (await logInAtTarget(again.credential)).close();
    expect(await countRoles()).toHaveLength(1);
    expect(await dev.backend.revoke(again.grant.id, 'done')).toMatchObject({ state: 'ended' });
  });
});
