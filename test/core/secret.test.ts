import { format, inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';

const TEXT = 'canary-5c1f';
const secret = new Secret(TEXT);

describe('I5: a secret does not show', () => {
  it.each([
    ['as a string', () => String(secret)],
    ['in a template', () => `${secret}`],
    ['joined to text', () => ['', secret].join('')],
    ['as JSON', () => JSON.stringify({ token: secret })],
    ['inspected', () => inspect({ token: secret }, { depth: 9, showHidden: true })],
    ['formatted', () => format('%s %j %o %O', secret, secret, secret, secret)],
    ['in an error', () => String(new Error(`failed with ${secret}`))],
    ['copied', () => inspect({ ...secret }) + inspect(structuredClone(secret))],
    ['through its properties', () => Object.getOwnPropertyNames(secret).join()],
  ])('%s', (_, show) => {
    expect(show()).not.toContain(TEXT);
  });

  it('and says so', () => {
    expect([`${secret}`, JSON.stringify(secret), inspect(secret)]).toEqual([
      '[redacted]',
      '"[redacted]"',
      '[redacted]',
    ]);
  });

  it('until it is revealed', () => {
    expect(secret.reveal()).toBe(TEXT);
  });
});
