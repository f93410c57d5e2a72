import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Grant } from '../../src/core/grant.ts';
import type { Store } from '../../src/core/ports/store.ts';
import { buildCrashingServer, startCrashingProcess } from '../support/crash/driver.ts';
import { type LateServer, startLateServer } from '../support/crash/late-server.ts';
import { buildSubmission } from '../support/crash/scene.ts';
import { startTestServer, type TestServer } from '../support/databases/postgres.ts';
import type { FaultPlace } from '../support/faults/config.ts';
import { findViolations } from '../support/faults/invariants.ts';
import { logIn, type Someone } from '../support/programs/jit-server.ts';
import { findQuietPort } from '../support/quiet-port.ts';
import { openTcpGate, type TcpGate } from '../support/tcp-gate.ts';
import { until } from '../support/until.ts';

const database = await startTestServer('embedded');

afterAll(() => database?.stop());

/** Two targets on one database: the way to `billing` can be closed. */
async function openPlace(server: TestServer) {
  const folder = await mkdtemp(join(tmpdir(), 'jit-target-down-'));
  const gate: TcpGate = await openTcpGate(server);
  const direct = server.adminUrl.reveal();
  const billing = direct.replace(`:${server.port}/`, `:${gate.port}/`);
  const place: FaultPlace = { folder, port: await findQuietPort(), urls: { orders: direct, billing } };
  return {
    place,
    gate,
    url: `http://127.0.0.1:${place.port}`,
    [Symbol.asyncDispose]: async () => {
      await gate[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Holds the database scopes at this target, each as a grant of its own. */
async function hold(someone: Someone, target: string): Promise<string> {
  const { claimed } = await someone.backend.submit(buildSubmission({ target }));
  return claimed?.grant.id ?? '';
}

function readsAs(store: Store, id: string, isRight: (grant: Grant) => boolean) {
  return async (): Promise<Grant | undefined> => {
    const grant = await store.readGrant(id);
    return grant && isRight(grant) ? grant : undefined;
  };
}

const isEnded = (grant: Grant): boolean => grant.state === 'ended';
const hasFailed = (grant: Grant): boolean => grant.revocation.lastError !== null;

async function expectWhole({ store, connectors, now }: LateServer): Promise<void> {
  expect(await findViolations({ store, connectors, now: now() })).toEqual([]);
}

/** Where it stopped to answer is a matter of the moment: on a connection that was open, or before there was one. */
const SAYS_NOTHING = /did not finish in time|connection timeout/;

describe.skipIf(!database)(
  'a target that is away',
  () => {
    it.concurrent('S5, I1: a server killed with a revocation pending ends it when it and the target are back', async () => {
      if (!database) return;
      await using opened = await openPlace(database);
      const { place, gate, url } = opened;
      await using program = await buildCrashingServer();
      await using killed = startCrashingProcess(program);
      await killed.openServer(place);
      const dev = await logIn(url, { user: 'dev' });
      const id = await hold(dev, 'billing');
      await gate.set('shut');
      // The answer would come when the grant has ended: the server does not live to give it.
      void dev.backend.revoke(id, 'done').catch(() => {});
      const pending = await until('told why it is not revoked', async () => {
        const grant = await dev.backend.readGrant(id);
        return grant.revocation.lastError !== null && grant;
      });
      expect(pending).toMatchObject({
        state: 'revoking',
        revocation: { token: 'revoked', confirmed: false },
      });
      await killed.kill();

      // A minute later: the pause after the last attempt is over.
      await using server = await startLateServer(place, 60_000);
      const { attempts } = pending.revocation;
      const isTriedAgain = (grant: Grant): boolean => grant.revocation.attempts > attempts;
      await until('tried again', readsAs(server.store, id, isTriedAgain));
      expect(await server.store.readGrant(id)).toMatchObject({ state: 'revoking', endedBecause: 'done' });
      await gate.set('open');
      const ended = await until('ended', readsAs(server.store, id, isEnded), 20_000);
      expect(ended).toMatchObject({ endedBecause: 'done', revocation: { confirmed: true, lastError: null } });
      await expectWhole(server);
    });

    it.concurrent('S5, I3: a target that never answers keeps nobody else waiting, and says so until it does', async () => {
      if (!database) return;
      await using opened = await openPlace(database);
      const { place, gate, url } = opened;
      await using server = await startLateServer(place, 0);
      const people = await Promise.all([logIn(url, { user: 'dev' }), logIn(url, { user: 'dba-lead' })]);
      const stuck = await Promise.all(people.map((someone) => hold(someone, 'billing')));
      const others = await Promise.all(people.map((someone) => hold(someone, 'orders')));
      await gate.set('stuck');
      for (const [index, someone] of people.entries()) {
        void someone.backend.revoke(stuck[index] ?? '', 'done').catch(() => {});
      }
      await until(
        'being revoked',
        readsAs(server.store, stuck[0] ?? '', (grant) => grant.state === 'revoking'),
      );
      const ends = people.map((someone, index) => someone.backend.revoke(others[index] ?? '', 'done'));
      const startedAt = performance.now();
      expect(await Promise.all(ends)).toMatchObject([{ state: 'ended' }, { state: 'ended' }]);
      expect(performance.now() - startedAt).toBeLessThan(5_000);

      for (const id of stuck) {
        const failed = await until('told why', readsAs(server.store, id, hasFailed), 20_000);
        expect(failed).toMatchObject({
          state: 'revoking',
          revocation: { lastError: expect.stringMatching(SAYS_NOTHING) },
        });
      }
      await gate.set('open');
      for (const id of stuck) await until('ended', readsAs(server.store, id, isEnded), 20_000);
      await expectWhole(server);
    });
  },
  60_000,
);
