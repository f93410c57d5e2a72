import type { Secret } from '../../../src/core/secret.ts';
import type { TestServer } from '../databases/postgres.ts';
import type { FaultPlace } from '../faults/config.ts';
import type { Told } from '../faults/history.ts';
import { findViolations } from '../faults/invariants.ts';
import { introspect } from './cast.ts';
import { type LateServer, startLateServer } from './late-server.ts';
import { persist } from './persist.ts';

/** The grants of these tests are long over by then, whatever was extended. */
const LATE_MS = 24 * 3_600_000;
/** A server alone on its machine takes one second (I3 allows five); here it is one of many, with more of them starting. */
const PATIENCE_MS = 20_000;
const POLL_MS = 40;

export type Recovery = {
  readonly place: FaultPlace;
  /** The server with the target, where that is a database. */
  readonly target: TestServer | undefined;
  /** Settles when the sessions at the target are over. */
  readonly over: readonly Promise<void>[];
  readonly told: readonly Told[];
  readonly tokens: ReadonlyMap<string, Secret>;
  /** Done with the next server while the grants live, before time goes on; resolves to what was wrong. */
  readonly goOn: () => Promise<readonly string[]>;
};

/** Starts the next server, lets time pass the end of every grant, and says what does not hold then. */
export async function recover(recovery: Recovery): Promise<readonly string[]> {
  const { place, target, over, told, tokens } = recovery;
  await using server = await persist(() => startLateServer(place, 0));
  const wrong = await recovery.goOn();
  server.setSkew(LATE_MS);
  const startedAt = performance.now();
  let left = await findLeft(target, server);
  while (left.length > 0 && performance.now() - startedAt < PATIENCE_MS) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    left = await findLeft(target, server);
  }
  const { store, connectors, now } = server;
  return [
    ...wrong,
    ...left,
    ...(left.length > 0 ? [] : await findOpen(over)),
    ...(await findGood(place, tokens)),
    ...(await findViolations({ store, connectors, now: now(), told })),
  ];
}

async function findOpen(over: readonly Promise<void>[]): Promise<readonly string[]> {
  const late = Promise.withResolvers<readonly string[]>();
  const timer = setTimeout(() => late.resolve(['I1: a session is still open']), PATIENCE_MS);
  const closed = Promise.all(over).then(() => []);
  const found = await Promise.race([closed, late.promise]);
  clearTimeout(timer);
  return found;
}

async function findGood(place: FaultPlace, tokens: ReadonlyMap<string, Secret>): Promise<readonly string[]> {
  const answers = [...tokens].map(async ([id, token]) =>
    (await introspect(place, token)) ? [`I1: the token of ${id} is still good`] : [],
  );
  return (await Promise.all(answers)).flat();
}

/** What should be gone by now: roles of this installation, logins to accounts it has had, and grants that have not ended. */
async function findLeft(target: TestServer | undefined, { store }: LateServer): Promise<readonly string[]> {
  const grants = await store.listGrants({ states: ['provisioning', 'active', 'revoking'], limit: 99 });
  const requests = await store.listRequests({ states: ['pending', 'approved'], limit: 99 });
  const left = [
    ...grants.map((grant) => `I3: ${grant.id} is still ${grant.state}: ${grant.revocation.lastError}`),
    ...requests.map(({ id, state }) => `${id} is still ${state}`),
  ];
  // As long as the store knows better, the target is not asked: each question is a connection.
  return left.length > 0 || !target ? left : await findLeftAt(target, store);
}

async function findLeftAt({ sql }: TestServer, store: LateServer['store']): Promise<readonly string[]> {
  const installation = await store.readSetting('installation', async () => 'none');
  const found = await sql(
    `SELECT format('I1: the role %s is still there', rolname) AS sentence FROM pg_roles
      WHERE starts_with(rolname::text, 'jit_${installation}_')
     UNION ALL SELECT format('I1: %s can still log in', r.rolname)
      FROM pg_roles r JOIN pg_shdescription d ON d.objoid = r.oid
      WHERE r.rolcanlogin AND d.description LIKE '%[jit ${installation} %'`,
  );
  return found.map(({ sentence }) => String(sentence));
}
