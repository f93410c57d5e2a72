import { describe, expect, it } from 'vitest';
import { drop, keep } from '../../src/client/held.ts';
import { beginUse } from '../../src/client/lending.ts';
import { remember } from '../../src/client/request.ts';
import { readStatus } from '../../src/client/status.ts';
import { fail } from '../../src/core/errors.ts';
import { createTestParts, NOW, SERVER, type TestParts } from '../support/fakes/client-parts.ts';
import {
  buildClaimed,
  buildGrantView,
  buildRequestView,
  buildStatus,
} from '../support/fakes/fake-backend.ts';

const OTHER = 'https://other.example.com';
const pending = buildRequestView({ state: 'pending', grantId: null });

/** Two servers whose ids are the same, as those of a plugin that counts may be. */
function openTwo(): { here: TestParts; there: TestParts } {
  const here = createTestParts({
    backend: {
      readStatus: async () => buildStatus({ asOf: NOW - 1, grants: [buildGrantView({ lastUsedAt: NOW })] }),
    },
  });
  return { here, there: { ...here, server: OTHER } };
}

async function list(parts: TestParts): Promise<readonly string[]> {
  return (await parts.held()).grants.map(({ server, view }) => `${server} ${view.id}`);
}

describe('two servers that give the same ids', () => {
  it('keep their grants apart on this machine', async () => {
    const { here, there } = openTwo();
    const held = await keep(here, buildClaimed());
    await keep(there, buildClaimed());
    expect(await list(here)).toEqual([`${SERVER} gr_1`, `${OTHER} gr_1`]);
    await drop(here, { ...held, id: held.view.id });
    expect(await list(here)).toEqual([`${OTHER} gr_1`]);
    expect(Object.keys(here.secrets())).toHaveLength(1);
  });

  it('keep a grant whose namesake cannot be kept', async () => {
    const { here, there } = openTwo();
    await keep(there, buildClaimed());
    const locked = fail('keychain_locked', { why: 'a test' });
    const keychain = { ...here.keychain, set: () => Promise.reject(locked) };
    await expect(keep({ ...here, keychain }, buildClaimed())).rejects.toBe(locked);
    expect(await list(here)).toEqual([`${OTHER} gr_1`]);
  });

  it('keep their requests apart', async () => {
    const { here, there } = openTwo();
    await remember(here, pending);
    await remember(there, pending);
    expect((await here.held()).requests).toHaveLength(2);
    await keep(here, buildClaimed());
    expect((await here.held()).requests).toEqual([{ server: OTHER, view: pending }]);
    await remember(there, buildRequestView());
    expect((await here.held()).requests).toEqual([]);
  });

  it('say how it stands with their own grants only', async () => {
    const { here, there } = openTwo();
    await keep(here, buildClaimed());
    await keep(there, buildClaimed());
    await readStatus(here);
    expect((await here.held()).grants.map(({ view }) => view.lastUsedAt)).toEqual([NOW, null]);
  });

  it('keep commands apart that use the one and the other', async () => {
    const { here, there } = openTwo();
    const first = await beginUse(here, { held: await keep(here, buildClaimed()), isLent: true });
    const second = await beginUse(there, { held: await keep(there, buildClaimed()), isLent: true });
    expect(await first.end(async () => undefined)).toBe(true);
    expect(await second.end(async () => undefined)).toBe(true);
  });
});
