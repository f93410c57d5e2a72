import { describe, expect, it } from 'vitest';
import { withLogin } from '../../src/cli/with-login.ts';
import { fail, type JitError } from '../../src/core/errors.ts';
import type { PersonView } from '../../src/core/view.ts';
import { createTestWorld, type TestWorld } from '../support/fakes/cli-world.ts';
import { SERVER } from '../support/fakes/client-parts.ts';

const demand = { maxAgeSeconds: 300, strengths: ['mfa'] };
const stepUp = fail('step_up_needed', { demand });
const over = fail('session_expired', { server: SERVER });

const person: PersonView = {
  subject: 'dev:dev',
  name: 'dev',
  kind: 'person',
  groups: [],
  login: { method: 'device', at: 0 },
};

function createWorld(interactive: boolean): TestWorld {
  const backend = { readPerson: async () => person, listScopes: async () => [] };
  return createTestWorld({ interactive, backend });
}

/** Fails with these, one call after the other, and then is done. */
async function run(
  world: TestWorld,
  ...errors: readonly JitError[]
): Promise<{ calls: number; end: unknown }> {
  const left = [...errors];
  let calls = 0;
  const end = await withLogin(world, await world.connect({}), async () => {
    calls += 1;
    const error = left.shift();
    if (error) throw error;
    return 'done';
  }).catch((error: unknown) => error);
  return { calls, end };
}

describe('a command that policy wants another login for', () => {
  it('says what is asked for, logs in, and goes on', async () => {
    const world = createWorld(true);
    expect(await run(world, stepUp)).toEqual({ calls: 2, end: 'done' });
    expect(world.logins()).toBe(1);
    expect(world.terminal.told).toContain(
      'policy asks for a login that is not older than 5 min and a login with mfa for this',
    );
  });

  it('does so once: when that was not enough, it ends with what is missing', async () => {
    const world = createWorld(true);
    expect(await run(world, stepUp, stepUp)).toEqual({ calls: 2, end: stepUp });
    expect(world.logins()).toBe(1);
  });

  it('leaves it at that without a terminal', async () => {
    const world = createWorld(false);
    expect(await run(world, stepUp)).toEqual({ calls: 1, end: stepUp });
    expect(world.logins()).toBe(0);
  });
});

describe('a command whose session is over', () => {
  it('logs in and goes on, and once more where policy wants more than that', async () => {
    const world = createWorld(true);
    expect(await run(world, over, stepUp)).toEqual({ calls: 3, end: 'done' });
    expect(world.logins()).toBe(2);
  });

  it('asks again for neither', async () => {
    const world = createWorld(true);
    expect(await run(world, over, over)).toEqual({ calls: 2, end: over });
    expect(await run(createWorld(false), over)).toEqual({ calls: 1, end: over });
  });
});
