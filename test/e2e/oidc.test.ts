import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { type AloneProvider, startAloneProvider } from '../support/alone-provider.ts';
import { type Desk, openDesk } from '../support/desk.ts';
import type { Outcome } from '../support/running-jit.ts';

const READ = ['request', 'prod:db.read', '--on', 'orders', '--for', '5m', '--reason', 'INC-4211 slow'];
const LINK = /(http:\S+user_code=\S+)/;

/** A machine whose only profile is of this provider. */
async function openProviderDesk(provider: AloneProvider, more?: Readonly<Record<string, unknown>>) {
  const desk = await openDesk({ stage: { url: '', pin: '' } });
  const text = stringify({ default_profile: 'work', profiles: { work: provider.profile(more) } });
  await writeFile(join(desk.folder, 'config', 'config.toml'), text, { mode: 0o600 });
  return desk;
}

/** Runs a command, and says yes at the provider to what it shows. */
async function confirmed(
  { desk, provider }: { readonly desk: Desk; readonly provider: AloneProvider },
  args: readonly string[],
): Promise<Outcome> {
  const running = desk.start(args);
  const [, link = ''] = await running.says(args[0] === 'login' ? /address\s+(http\S+)/ : LINK);
  const code = args[0] === 'login' ? (await running.says(/code\s+([A-Z-]+)/))[1] : undefined;
  await provider.confirm(code === undefined ? link : `${link}?user_code=${code}`);
  return running.ended;
}

describe('an OAuth provider alone', () => {
  it('logs in, gives a token that is the grant, and takes it back', async () => {
    await using provider = await startAloneProvider();
    await using desk = await openProviderDesk(provider);
    const login = await confirmed({ desk, provider }, ['login', '--no-open']);
    expect([login.exitCode, login.stderr]).toEqual([0, expect.stringContaining('logged in as mara')]);
    const asked = await confirmed({ desk, provider }, [...READ, '--json']);
    expect(asked.exitCode).toBe(0);
    const used = await desk.run(['exec', '--', 'sh', '-c', 'echo "$JIT_SCOPES $JIT_TOKEN"']);
    const [, scope, token = ''] = /^(\S+) (\S+)\n$/.exec(used.stdout) ?? [];
    expect([scope, await provider.isGood(token)]).toEqual(['prod:db.read', true]);
    expect((await desk.run(['token'])).stdout.trim()).toBe(token);
    expect((await desk.readJson(['status'])).document.grants).toHaveLength(1);
    const done = await desk.run(['done']);
    expect([done.exitCode, done.stderr]).toEqual([0, expect.stringContaining('token revoked')]);
    expect(await provider.isGood(token)).toBe(false);
    expect((await desk.readJson(['status'])).document.grants).toEqual([]);
    const inbox = await desk.readJson(['inbox']);
    expect([inbox.exitCode, inbox.document.error?.code]).toEqual([1, 'not_offered']);
    expect((await desk.run(['doctor'])).exitCode).toBe(0);
    expect((await desk.run(['logout'])).exitCode).toBe(0);
    expect([...(await desk.listSecrets()).keys()]).toEqual([]);
  });

  it('lets go at Ctrl-C, and says that a token goes on which the provider does not take back', async () => {
    await using provider = await startAloneProvider({ revokes: false });
    await using desk = await openProviderDesk(provider);
    await confirmed({ desk, provider }, ['login', '--no-open']);
    const left = desk.start(READ);
    await left.says(LINK);
    left.kill('SIGINT');
    expect((await left.ended).exitCode).toBe(130);
    await confirmed({ desk, provider }, READ);
    const done = await desk.run(['done']);
    expect([done.exitCode, done.stderr]).toEqual([7, expect.stringContaining('takes no token back')]);
  });
});
