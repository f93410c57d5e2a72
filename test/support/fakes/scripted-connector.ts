import { fail } from '../../../src/core/errors.ts';
import type { Connector } from '../../../src/core/ports/connector.ts';
import { Secret } from '../../../src/core/secret.ts';
import type { Instant } from '../../../src/core/time.ts';

export type Step = 'issue' | 'probe' | 'extend' | 'remove' | 'list';

/** A target in memory that does what a test says, and remembers what was asked of it. */
export type ScriptedConnector = Connector & {
  /** What is live, by handle: the password, the end, and the version of the claim that made it. */
  readonly live: Map<
    string,
    { readonly password: string; readonly expiresAt: Instant; readonly version?: number }
  >;
  readonly calls: readonly string[];
  /** From now on this step fails with these words, always or for one handle; undefined: it works again. */
  failAt(step: Step, why: string | undefined, handle?: string): void;
  /** Runs before the step does anything, once. What it returns is awaited. */
  before(step: Step, action: () => Promise<unknown> | unknown): void;
};

export type ScriptedOptions = {
  /** The holder of a credential logs in as soon as it is there: what is removed ends one session. Else nobody does. */
  readonly isInUse?: boolean;
};

export function createScriptedConnector(
  name = 'orders',
  { isInUse = true }: ScriptedOptions = {},
): ScriptedConnector {
  const live: ScriptedConnector['live'] = new Map();
  const calls: string[] = [];
  const failures = new Map<string, string>();
  const hooks = new Map<Step, () => unknown>();
  let made = 0;
  const enter = async (step: Step, handle: string): Promise<void> => {
    calls.push(`${step} ${handle}`);
    const hook = hooks.get(step);
    hooks.delete(step);
    await hook?.();
    const why = failures.get(`${step} ${handle}`) ?? failures.get(`${step} `);
    if (why !== undefined) throw fail('target_failed', { target: name, why });
  };
  return {
    kind: 'scripted',
    live,
    calls,
    failAt: (step, why, handle = '') => {
      if (why === undefined) failures.delete(`${step} ${handle}`);
      else failures.set(`${step} ${handle}`, why);
    },
    before: (step, action) => hooks.set(step, action),
    plan: (grantId) => {
      if (/^gr_[0-9a-zA-Z]+$/.test(grantId)) return `role_${grantId}`;
      throw fail('target_failed', { target: name, why: 'that is not the id of a grant' });
    },
    issue: async ({ handle, expiresAt, grantVersion: version = 0 }) => {
      await enter('issue', handle);
      if ((live.get(handle)?.version ?? 0) > version)
        throw fail('target_failed', { target: name, why: 'a later claim has the role' });
      made += 1;
      const password = `password ${made}`;
      live.set(handle, { password, expiresAt, version });
      return {
        environment: { PGUSER: handle },
        secretEnvironment: { PGPASSWORD: new Secret(password) },
        secretFiles: [],
        removes: [],
      };
    },
    probe: async (credential) => {
      const { PGUSER = '' } = credential.environment;
      await enter('probe', PGUSER);
      const isRight = live.get(PGUSER)?.password === credential.secretEnvironment.PGPASSWORD?.reveal();
      if (!isRight) throw fail('target_failed', { target: name, why: 'the password is not right' });
    },
    extend: async ({ handle, expiresAt }) => {
      await enter('extend', handle);
      const known = live.get(handle);
      if (!known) throw fail('target_failed', { target: name, why: 'there is no such role' });
      live.set(handle, { ...known, expiresAt });
    },
    remove: async (handle) => {
      await enter('remove', handle);
      return { sessionsEnded: live.delete(handle) && isInUse ? 1 : 0 };
    },
    list: async () => {
      await enter('list', name);
      return [...live.keys()].map((handle) => ({ handle, sessions: 0 }));
    },
    activity: async () => null,
    close: async () => {},
  };
}
