import { expect, it } from 'vitest';
import { explain } from '../../../src/compose/quickstart/explain.ts';
import { Secret } from '../../../src/core/secret.ts';
import { createTestTerminal } from '../../support/fakes/test-terminal.ts';

const URL_HERE = 'http://127.0.0.1:7420';

it('the quickstart names everybody who can log in, and a home for the reviewer that can be pasted', () => {
  const terminal = createTestTerminal();
  const stage = {
    server: { url: URL_HERE },
    service: { url: 'http://127.0.0.1:7421' },
    pin: new Secret('123456'),
    database: undefined,
  };
  explain({ terminal }, { stage, profile: '', folder: "/home/o'neil/Application Support/quickstart" });
  const lines = terminal.told.map((line) => line.trim().replace(/ {2,}.*/, ''));
  expect(lines).toEqual(expect.arrayContaining(['dev', 'dba-lead', 'on-call']));
  expect(terminal.told.join('\n')).toContain('the PIN is 123456');
  expect(lines).toEqual(
    expect.arrayContaining([
      "export JIT_CONFIG_DIR='/home/o'\\''neil/Application Support/quickstart/dba-lead/config'",
      "export JIT_STATE_DIR='/home/o'\\''neil/Application Support/quickstart/dba-lead/state' JIT_KEYCHAIN=file",
      `npx jit login ${URL_HERE}`,
    ]),
  );
});
