import { deepEqual, equal, notEqual, ok, rejects } from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Credential } from '../core/credential.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Connector } from '../core/ports/connector.ts';
import type { Scope } from '../core/scope.ts';
import type { SuiteRunner } from './suite.ts';

/** A session at the target, as the holder of a credential has one. `closed` settles when the target ends it. */
export type TargetSession = { readonly closed: Promise<unknown> };

export type ConnectorSubject = {
  /** A new one for each test; the suite closes it. */
  readonly connector: Connector;
  readonly clock: Clock;
  /** Scopes that the connector can issue. */
  readonly scopes: readonly Scope[];
};

export type ConnectorLogins = {
  /** Logs in at the target as the holder of the credential would; MUST reject when the target refuses. */
  login(credential: Credential): Promise<TargetSession>;
};

const DEADLINE_MS = 10_000;
const LIFE_MS = 600_000;

type World = ConnectorSubject & {
  readonly handle: string;
  readonly soon: () => number;
  readonly issue: () => Promise<Credential>;
  readonly remove: () => Promise<number>;
  readonly listed: () => Promise<number>;
};

type OpenConnector = () => Promise<ConnectorSubject>;

/** What every `Connector` does, whether or not it makes anything. */
export function connectorSuite({ test }: SuiteRunner, open: OpenConnector): void {
  const given = (name: string, body: (world: World) => Promise<void>): void =>
    test(name, () => runIn(open, body));

  given('S4: names a grant the same way every time, and no two grants alike', async ({ connector }) => {
    const grantId = newGrantId();
    equal(connector.plan(grantId), connector.plan(grantId));
    notEqual(connector.plan(grantId), connector.plan(newGrantId()));
  });

  given('refuses to name what is not a grant', async ({ connector }) => {
    for (const id of ['', 'gr_', 'req_01', "gr_'; --", 'gr_a b']) {
      await rejects(async () => connector.plan(id), { code: 'target_failed' });
    }
  });

  given('issues a credential that the probe accepts, and again', async (world) => {
    await world.connector.probe(await world.issue(), world.soon());
    await world.connector.probe(await world.issue(), world.soon());
  });

  given('S5: removing what is gone or never was is success', async (world) => {
    equal(await world.remove(), 0);
    await world.issue();
    equal(await world.remove(), 0);
    equal(await world.remove(), 0);
  });

  given('lists nothing of a grant that was removed', async (world) => {
    await world.issue();
    await world.remove();
    equal(await world.listed(), 0);
  });

  given('was not used by anyone when nobody has a session', async (world) => {
    await world.issue();
    equal(await world.connector.activity(world.handle, world.soon()), null);
  });

  given('extends as often as it is asked', async (world) => {
    const credential = await world.issue();
    const expiresAt = world.clock.now() + 2 * LIFE_MS;
    const order = { handle: world.handle, scopes: world.scopes, expiresAt, deadlineAt: world.soon() };
    await world.connector.extend(order);
    await world.connector.extend(order);
    await world.connector.probe(credential, world.soon());
  });
}

/** What a `Connector` does whose credential is a login at the target. */
export function connectorLoginSuite(
  { test }: SuiteRunner,
  open: () => Promise<ConnectorSubject & ConnectorLogins>,
): void {
  const given = (name: string, body: (world: World & ConnectorLogins) => Promise<void>): void =>
    test(name, async () => {
      const { login, ...subject } = await open();
      await runIn(
        async () => subject,
        (world) => body({ ...world, login }),
      );
    });

  given('I2: a second issue gives a new password to the same credential', async (world) => {
    const first = await world.issue();
    await world.login(first);
    const second = await world.issue();
    await rejects(world.login(first));
    await world.login(second);
    equal(await world.listed(), 1);
  });

  given('I2: of two issues at once exactly one password works', async (world) => {
    const credentials = await Promise.all([world.issue(), world.issue(), world.issue()]);
    const outcomes = await Promise.allSettled(credentials.map((credential) => world.login(credential)));
    equal(outcomes.filter((outcome) => outcome.status === 'fulfilled').length, 1);
    equal(await world.listed(), 1);
  });

  given('S6: removing ends the open sessions, counts them, and lets nobody in again', async (world) => {
    const credential = await world.issue();
    const sessions = [await world.login(credential), await world.login(credential)];
    equal(await world.remove(), 2);
    await Promise.all(sessions.map((session) => session.closed));
    await rejects(world.login(credential));
    await rejects(world.connector.probe(credential, world.soon()), { code: 'target_failed' });
  });

  given('lists its own with the number of sessions', async (world) => {
    const credential = await world.issue();
    await world.login(credential);
    const live = await world.connector.list(world.soon());
    deepEqual(
      live.filter((one) => one.handle === world.handle),
      [{ handle: world.handle, sessions: 1 }],
    );
  });

  given('has been used since the session began', async (world) => {
    const credential = await world.issue();
    const before = world.clock.now();
    await world.login(credential);
    const at = await world.connector.activity(world.handle, world.soon());
    ok(at !== null && Math.abs(at - before) < DEADLINE_MS, `seen at ${at}, logged in at ${before}`);
  });

  given('can be issued again after it was removed', async (world) => {
    await world.issue();
    await world.remove();
    await world.login(await world.issue());
  });

  given('gives up with target_failed when the deadline has passed', async (world) => {
    const { connector, handle, scopes, clock } = world;
    const late = clock.now() - 1;
    const order = { handle, scopes, expiresAt: clock.now() + LIFE_MS, deadlineAt: late };
    const failed = { code: 'target_failed' };
    await rejects(connector.issue(order), failed);
    await rejects(connector.extend(order), failed);
    await rejects(connector.remove(handle, { scopes, deadlineAt: late }), failed);
    await rejects(connector.list(late), failed);
    equal(await world.listed(), 0);
  });

  given('touches nothing that is not named as ours', async ({ connector, scopes, soon }) => {
    for (const handle of ['postgres', 'jit_', 'jit_other000_01', '"; DROP ROLE postgres; --']) {
      const removal = connector.remove(handle, { scopes, deadlineAt: soon() });
      await rejects(removal, { code: 'target_failed' }, handle);
    }
  });
}

async function runIn(open: OpenConnector, body: (world: World) => Promise<void>): Promise<void> {
  const subject = await open();
  const world = createWorld(subject);
  try {
    await body(world);
  } finally {
    await world.remove().finally(() => subject.connector.close());
  }
}

function createWorld(subject: ConnectorSubject): World {
  const { connector, clock, scopes } = subject;
  const handle = connector.plan(newGrantId());
  const soon = (): number => clock.now() + DEADLINE_MS;
  return {
    ...subject,
    handle,
    soon,
    issue: () => connector.issue({ handle, scopes, expiresAt: clock.now() + LIFE_MS, deadlineAt: soon() }),
    remove: async () => (await connector.remove(handle, { scopes, deadlineAt: soon() })).sessionsEnded,
    listed: async () => (await connector.list(soon())).filter((one) => one.handle === handle).length,
  };
}

function newGrantId(): string {
  return `gr_${randomBytes(13).toString('hex')}`;
}
