import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { type AloneProvider, startAloneProvider } from '../support/alone/provider.ts';
import { makeWaitingBrowser } from '../support/browsers/waiting-browser.ts';
import { type Desk, openDesk } from '../support/programs/desk.ts';
import type { Outcome } from '../support/programs/running-jit.ts';

const READ = ['request', 'prod:db.read', '--on', 'orders', '--for', '5m', '--reason', 'INC-4211 slow'];
const METADATA = '/.well-known/openid-configuration';
const LINK = /(http:\S+user_code=\S+)/;

/** A machine whose only profile is of this provider. */
async function openProviderDesk(
  provider: Pick<AloneProvider, 'profile'>,
  more: Readonly<Record<string, unknown>> = {},
): Promise<Desk> {
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
    const extend = await desk.readJson(['extend', '--for', '10m']);
    expect([extend.exitCode, extend.document.error?.message]).toEqual([
      1,
      expect.stringContaining('more time for a grant; ask for a new one'),
    ]);
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

  it('is asked from two terminals at once, and neither waits for what the other is told', async () => {
    await using provider = await startAloneProvider();
    await using desk = await openProviderDesk(provider);
    await confirmed({ desk, provider }, ['login', '--no-open']);
    const waiting = desk.start(READ);
    await waiting.says(LINK);
    expect((await confirmed({ desk, provider }, READ)).exitCode).toBe(0);
    waiting.kill('SIGINT');
    expect((await waiting.ended).exitCode).toBe(130);
    expect((await desk.readJson(['status'])).document.grants).toHaveLength(1);
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

  it('is asked by the browser, which is opened, once that is how somebody logged in', async () => {
    await using provider = await startAloneProvider({ device: false, details: true });
    await using desk = await openProviderDesk(provider);
    const { environment, wasSentTo } = await makeWaitingBrowser(desk.folder);
    const refused = await desk.readJson(['login', '--no-open']);
    expect([refused.exitCode, refused.document.error]).toMatchObject([4, { hint: 'jit login --browser' }]);
    const login = desk.start(['login', '--browser'], { environment });
    expect(await provider.confirm(await wasSentTo())).toContain('The terminal is logged in');
    expect((await login.ended).exitCode).toBe(0);
    const asked = desk.start([...READ, '--json'], { environment });
    expect(await provider.confirm(await wasSentTo())).toContain('The terminal has its access');
    const { exitCode, stdout, stderr } = await asked.ended;
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([
      0,
      { grant: { state: 'active', target: 'orders' } },
    ]);
    expect(stderr).toContain('in a browser on this computer');
    expect(stderr).not.toMatch(/code_verifier|access_token/);
    expect((await desk.run(['done'])).exitCode).toBe(0);
  });

  it('is looked at by jit doctor: another issuer, no way to ask, and nobody there', async () => {
    const provider = await startAloneProvider();
    await using desk = await openProviderDesk(provider);
    await confirmed({ desk, provider }, ['login', '--no-open']);
    const good = (await (await fetch(`${provider.issuer}${METADATA}`)).json()) as object;
    const look = async () => {
      const { exitCode, document } = await desk.readJson(['doctor']);
      const findings = document.findings as readonly { readonly ok: boolean; readonly detail: string }[];
      return [exitCode, findings.filter(({ ok }) => !ok).map(({ detail }) => detail)];
    };
    expect(await look()).toEqual([0, []]);
    provider.answers.set(METADATA, { body: { ...good, issuer: 'https://evil.example' } });
    expect(await look()).toEqual([1, [expect.stringContaining('its metadata names another issuer')]]);
    provider.answers.set(METADATA, { body: { ...good, grant_types_supported: ['implicit'] } });
    expect(await look()).toEqual([1, [expect.stringContaining('a way to log in or to ask')]]);
    provider.answers.set(METADATA, { body: '<html>' });
    const refused = await desk.run(READ);
    expect([refused.exitCode, refused.stderr]).toEqual([
      1,
      expect.stringContaining('jit cannot use: it is not JSON'),
    ]);
    expect(refused.stderr).not.toContain('jit wait');
    await provider[Symbol.asyncDispose]();
    expect(await look()).toEqual([1, [expect.stringContaining(`${provider.issuer} was not reached`)]]);
  });

  it('INP-03: is not asked with a profile whose scope names a target that there is not', async () => {
    await using provider = await startAloneProvider();
    const scopes = { 'prod:db.read': { description: 'Read', targets: ['ordres'] } };
    await using desk = await openProviderDesk(provider, { scopes });
    const { exitCode, document } = await desk.readJson(['scopes']);
    expect(exitCode).toBe(1);
    expect(document.error?.message).toMatch(
      /config\.toml.*profiles\.work\.scopes\.prod:db\.read\.targets\.0: there is no target "ordres"/,
    );
    expect(provider.asked).toEqual([]);
  });
});
