import { userInfo } from 'node:os';
import { expect, it } from 'vitest';
import { nameOperator } from '../../../src/compose/serve/operator.ts';

it('an operator is who runs the command, and in a container, where a user has no name, its number', () => {
  expect(nameOperator()).toBe(`operator:${userInfo().username}`);
  const nameless = (): never => {
    throw new Error('uv_os_get_passwd returned ENOENT (no such file or directory)');
  };
  expect(nameOperator(nameless)).toBe(`operator:${process.getuid?.()}`);
});
