import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { execKind } from '../../../../src/adapters/connectors/exec/kind.ts';
import { Secret } from '../../../../src/core/secret.ts';

const settings = v.strictObject(execKind.entries);
const COMMAND = { command: '/usr/local/lib/jit/accounts.py' };

describe('a target of kind exec', () => {
  it('needs a command and nothing else', () => {
    expect(v.parse(settings, COMMAND)).toEqual({ ...COMMAND, args: [], timeout: 10, environment: {} });
  });

  it.each([
    ['no command', {}],
    ['a command that is looked for in a path', { command: 'accounts.py' }],
    ['a command that depends on where the server stands', { command: './accounts.py' }],
    ['a pin that is none', { ...COMMAND, sha256: 'abc' }],
    ['a time without a unit', { ...COMMAND, timeout: '10' }],
    ['a variable that is none', { ...COMMAND, environment: { 'A B': 'x' } }],
    ['a variable without a value', { ...COMMAND, environment: { A: '' } }],
    ['arguments in one text', { ...COMMAND, args: '--all' }],
  ])('is refused with %s', (_what, written) => {
    expect(v.safeParse(settings, written).success).toBe(false);
  });

  it('I5: has secrets in its variables: none may stand in a file that others may read', () => {
    const environment = { ACCOUNTS_URL: new Secret('https://x'), ACCOUNTS_TOKEN: new Secret('canary') };
    expect(execKind.listSecrets({ environment })).toEqual([
      ['environment', 'ACCOUNTS_URL'],
      ['environment', 'ACCOUNTS_TOKEN'],
    ]);
  });
});
