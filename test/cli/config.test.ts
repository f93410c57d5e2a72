import { describe, expect, it } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { decodeClientConfig, encodeClientConfig } from '../../src/core/config/client.ts';
import { createTestWorld } from '../support/fakes/cli-world.ts';

describe('jit config notify', () => {
  it('is on until it is turned off, and can be turned on again', async () => {
    const world = createTestWorld();
    await runProgram(['config'], world);
    expect(world.terminal.printed).toMatch(/^notify +on$/m);
    expect(await runProgram(['config', 'notify', 'off'], world)).toBe(0);
    expect(world.config()).toEqual({ profiles: {}, notify: false });
    expect(decodeClientConfig(encodeClientConfig(world.config()))).toMatchObject({
      ok: true,
      config: { notify: false },
    });
    await runProgram(['config', '--json'], world);
    expect(world.terminal.printed).toContain('"notify": false');
    expect(await runProgram(['config', 'notify', 'on'], world)).toBe(0);
    expect(world.config()).toEqual({ profiles: {}, notify: true });
  });

  it('is nothing else', async () => {
    const world = createTestWorld();
    expect(await runProgram(['config', 'notify', 'maybe'], world)).toBe(2);
    expect(world.config()).toEqual({ profiles: {} });
    expect(decodeClientConfig({ notify: 'maybe' })).toMatchObject({ ok: false });
  });
});
