import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { decodeHeader } from '../../src/adapters/keychain/file-item.ts';
import type { Desk } from '../support/programs/desk.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';

const READ = ['request', 'prod:api.read', '--on', 'orders-api', '--for', '30m', '--reason', 'INC-4211 slow'];

let stage: Stage;
let desk: Desk;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

/** Does something to the file of the item whose account begins so. */
async function damage(account: string, change: (text: string) => string): Promise<void> {
  const folder = join(desk.folder, 'state', 'keychain', 'items');
  for (const name of await readdir(folder)) {
    const text = await readFile(join(folder, name), 'utf8');
    if (decodeHeader(text)?.account.startsWith(account)) await writeFile(join(folder, name), change(text));
  }
}

describe('a damaged item of the file keychain', () => {
  beforeEach(async () => {
    desk = await stage.openDesk();
    await desk.run(READ);
    return async () => {
      await desk.run(['done']);
      await desk[Symbol.asyncDispose]();
    };
  });

  it.each([
    ['cut short', (text: string) => text.slice(0, -20)],
    ['foreign', () => '{"hello": "world"}'],
    ['empty', () => ''],
  ])('that holds a grant and is %s is said, and jit wait delivers it again', async (_how, change) => {
    const { document } = await desk.readJson(['status']);
    await damage('prod:api.read', change);
    const spoilt = await desk.run(['exec', '--json', '--', 'true']);
    expect(JSON.parse(spoilt.stdout)).toMatchObject({ error: { code: 'keychain_unreadable' } });
    expect(spoilt.exitCode).toBe(125);
    expect(await desk.run(['wait', document.grants?.[0]?.request_id ?? ''])).toMatchObject({ exitCode: 0 });
    expect(await desk.run(['exec', '--', 'true'])).toMatchObject({ exitCode: 0 });
  });

  it('does not keep the grant from being extended', async () => {
    await damage('prod:api.read', (text) => text.slice(0, -20));
    expect(await desk.run(['extend', '--for', '1h'])).toMatchObject({ exitCode: 0 });
    expect(await desk.run(['exec', '--', 'true'])).toMatchObject({ exitCode: 0 });
  });

  it('S14: that holds the session is not the same as being logged out, and jit login replaces it', async () => {
    await damage('session', (text) => text.slice(0, -20));
    const { exitCode, document } = await desk.readJson(['whoami']);
    expect(document.error).toMatchObject({
      code: 'keychain_unreadable',
      hint: expect.stringContaining('jit login'),
    });
    expect(exitCode).toBe(4);
    await desk.login();
    expect(await desk.run(['whoami'])).toMatchObject({ exitCode: 0 });
  });

  it('I5: another passphrase is refused, and none at all is 4 and says how to give one', async () => {
    const wrong = await desk.readJson(['whoami'], { passphrase: 'not this one' });
    expect(wrong.document.error).toMatchObject({
      code: 'passphrase_needed',
      message: 'the file keychain cannot be opened: wrong passphrase',
    });
    const none = await desk.readJson(['whoami'], { environment: { JIT_KEYCHAIN_PASSPHRASE_FD: '' } });
    expect(none.document.error).toMatchObject({
      code: 'passphrase_needed',
      hint: expect.stringContaining('JIT_KEYCHAIN_PASSPHRASE_FD'),
    });
    expect([wrong.exitCode, none.exitCode]).toEqual([4, 4]);
  });
});
