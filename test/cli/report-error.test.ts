import { describe, expect, it } from 'vitest';
import { reportError } from '../../src/cli/report-error.ts';
import { fail } from '../../src/core/errors.ts';
import { createTestWorld } from '../support/fakes/cli-world.ts';
import { createTestTerminal } from '../support/fakes/test-terminal.ts';

describe('an error', () => {
  it('is a line that says what, and a line to type, on stderr', () => {
    const world = createTestWorld();
    const error = fail('login_needed', { server: 'https://jit.example.com' });
    expect(reportError(world, error, { json: false })).toBe(4);
    expect(world.terminal.told).toEqual([
      '✖ you are not logged in to https://jit.example.com',
      '  jit login https://jit.example.com',
    ]);
    expect(world.terminal.printed).toBe('');
  });

  it('is a document on stdout too where that was asked for', () => {
    const world = createTestWorld();
    reportError(world, fail('cancelled', { id: 'req_1' }), { json: true });
    expect(JSON.parse(world.terminal.printed)).toEqual({
      error: { code: 'cancelled', message: 'req_1 was cancelled', hint: 'jit request asks again' },
    });
  });

  it('of a configuration is a line for each thing that is wrong', () => {
    const world = createTestWorld();
    const why = 'is no duration; as in 30m; jit.yaml:9 limits.open: must be a number; jit.yaml:12: a tab';
    reportError(world, fail('config_invalid', { at: 'jit.yaml:4 pending_ttl', why }), { json: false });
    expect(world.terminal.told.slice(0, 3)).toEqual([
      '✖ jit.yaml:4 pending_ttl: is no duration; as in 30m',
      '  jit.yaml:9 limits.open: must be a number',
      '  jit.yaml:12: a tab',
    ]);
  });

  it('is wrapped between words on a narrow terminal, and its hint is in one piece', () => {
    const world = createTestWorld();
    const terminal = createTestTerminal({ columns: 40 });
    const id = 'req_01m80gxate387gjqpv2vtn3wcv';
    reportError({ ...world, terminal }, fail('still_pending', { id, why: 'nobody has decided yet' }), {
      json: false,
    });
    expect(terminal.told).toEqual([
      `✖ ${id} is`,
      '  still pending: nobody has decided yet',
      `  jit wait ${id}`,
    ]);
  });

  it('has no second line where there is nothing to type', () => {
    const world = createTestWorld();
    expect(reportError(world, fail('interrupted', { why: 'nothing was asked for' }), { json: false })).toBe(
      130,
    );
    expect(world.terminal.told).toHaveLength(1);
  });

  it.each([
    [new TypeError('x is not a function'), 'TypeError: x is not a function'],
    ['thrown text', 'something unexpected happened'],
    [undefined, 'something unexpected happened'],
  ])('that nobody knows is 1 and says what is known: %s', (error, said) => {
    const world = createTestWorld();
    expect(reportError(world, error, { json: false })).toBe(1);
    expect(world.terminal.told[0]).toContain(said);
  });

  it('S12: from a server is text to the terminal, whatever is in it', () => {
    const world = createTestWorld();
    reportError(world, fail('forbidden', { why: 'no\u001b[2J\r\u202e!' }), { json: false });
    expect(world.terminal.told[0]).toBe('✖ no\\x1b[2J\\r\\u202e!');
  });
});
