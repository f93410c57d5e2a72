import { describe, expect, it } from 'vitest';
import { findIgnored } from '../../src/compose/find-server.ts';

const server = 'https://jit.example.com';

describe('JIT_SERVER beside a profile', () => {
  it.each([
    [undefined, {}, undefined],
    ['', {}, undefined],
    [server, {}, undefined],
    ['jit.example.com', {}, undefined],
    [`${server}/`, {}, undefined],
    ['https://staging.example.com', {}, 'https://staging.example.com'],
    ['https://staging.example.com', { profile: 'work' }, undefined],
    ['https://staging.example.com', { server }, undefined],
  ])('%s, with %j, is passed over as %s', (named, choice, ignored) => {
    const environment = named === undefined ? {} : { JIT_SERVER: named };
    expect(findIgnored(environment, { choice, server })).toBe(ignored);
  });

  it('is the server where a profile is filed under a name that is no address', () => {
    const other = { choice: {}, server: 'oidc:https://login.example.com' };
    expect(findIgnored({ JIT_SERVER: other.server }, other)).toBeUndefined();
  });
});
