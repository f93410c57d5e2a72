import { describe, expect, it } from 'vitest';
import { exec, findFitting, requireSecret } from '../../src/client/exec.ts';
import { keep } from '../../src/client/held.ts';
import { EMPTY_CREDENTIAL } from '../../src/core/credential.ts';
import { createTestParts, type TestPartsOptions } from '../support/fakes/client-parts.ts';
import { buildClaimed, buildGrantView, MINUTE_MS } from '../support/fakes/fake-backend.ts';

const lease = {
  onWarning: () => undefined,
  onEnd: () => undefined,
  signal: new AbortController().signal,
  command: 'psql',
  args: ['-c', 'select 1'],
};
const ending: TestPartsOptions = {
  processes: { environment: { PATH: '/bin', PGPASSWORD: 'old' }, onStart: (child) => child.end(7) },
};

describe('running a command with a grant', () => {
  it('hands over the credential and not the token, where the target has one of its own', async () => {
    const parts = createTestParts(ending);
    const held = await keep(parts, buildClaimed());
    expect(await exec(parts, { ...lease, held })).toBe(7);
    const order = parts.processes.children[0]?.order;
    expect(order?.environment).toMatchObject({ PATH: '/bin', PGHOST: 'db.internal', JIT_GRANT_ID: 'gr_1' });
    expect(order?.environment).not.toHaveProperty('JIT_TOKEN');
    expect(order?.secretFiles.map((file) => file.variable)).toEqual(['PGPASSFILE']);
    expect(JSON.stringify(order?.args)).not.toContain('password-1');
  });

  it('hands over the token where that is all there is', async () => {
    const parts = createTestParts(ending);
    const held = await keep(parts, buildClaimed({ credential: EMPTY_CREDENTIAL }));
    await exec(parts, { ...lease, held });
    expect(parts.processes.children[0]?.order.environment.JIT_TOKEN).toBe('token-1');
  });

  it('leaves no timer behind when the command ended', async () => {
    const parts = createTestParts(ending);
    const held = await keep(parts, buildClaimed());
    await exec(parts, { ...lease, held });
    expect(parts.clock.sleeping).toBe(0);
  });

  it('starts nothing after Ctrl-C', async () => {
    const parts = createTestParts(ending);
    const held = await keep(parts, buildClaimed());
    await expect(exec(parts, { ...lease, held, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'interrupted',
      message: 'psql was not started',
    });
    expect(parts.processes.children).toEqual([]);
  });

  it('says how to get a secret again that the keychain has lost', async () => {
    const parts = createTestParts({ keychain: { get: async () => undefined } });
    const held = await keep(parts, buildClaimed());
    await expect(requireSecret(parts, held)).rejects.toMatchObject({
      code: 'no_grant',
      message: expect.stringContaining('jit wait req_1 delivers it again'),
    });
  });
});

describe('the grants that fit', () => {
  it('have the scope and the target that were named, are of this server, and are not over', async () => {
    const parts = createTestParts();
    await keep(parts, buildClaimed());
    await keep(parts, buildClaimed({ grant: buildGrantView({ id: 'gr_2', target: 'billing' }) }));
    await keep(
      { ...parts, server: 'https://other.example.com' },
      buildClaimed({ grant: buildGrantView({ id: 'gr_3' }) }),
    );
    const find = async (scope?: string, target?: string): Promise<readonly string[]> =>
      (await findFitting(parts, { scope, target })).map(({ view }) => view.id);
    expect(await find()).toEqual(['gr_1', 'gr_2']);
    expect(await find('prod:db.read', 'billing')).toEqual(['gr_2']);
    expect(await find('prod:db.write')).toEqual([]);
    await parts.clock.advance(30 * MINUTE_MS);
    expect(await find()).toEqual([]);
  });
});
