import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Desk } from '../support/programs/desk.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';

const REASON = ['--reason', 'INC-4211 slow checkout'];
const READ = ['request', 'prod:api.read', '--on', 'orders-api', '--for', '30m', ...REASON];
const WRITE = ['request', 'prod:db.write', '--on', 'orders-api', '--for', '15m', ...REASON];
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

let stage: Stage;
let desk: Desk;

beforeAll(async () => {
  stage = await startStage();
  desk = await stage.openDesk();
});
afterAll(async () => {
  await desk[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});
afterEach(async () => {
  await desk.run(['done']);
  await desk.run(['cancel']);
});

describe('jit login and whoami', () => {
  it('say who, which groups, how and when', async () => {
    const { stdout, exitCode } = await desk.run(['whoami']);
    expect(stdout).toMatch(
      new RegExp(
        `^dev on ${stage.url}\n  subject  dev:dev \\(person\\)\n  groups   engineers\n  login    by device, \\d\\d:\\d\\d\n$`,
      ),
    );
    expect(exitCode).toBe(0);
  });

  it('say the same as a document', async () => {
    const { document } = await desk.readJson(['whoami']);
    expect(document).toEqual({
      server: stage.url,
      subject: 'dev:dev',
      name: 'dev',
      kind: 'person',
      groups: ['engineers'],
      login: { method: 'device', at: expect.stringMatching(INSTANT) },
    });
  });
});

describe('jit scopes', () => {
  it('lists what may be asked for, a line each target', async () => {
    const { stdout } = await desk.run(['scopes']);
    expect(stdout.split('\n').slice(0, -1)).toEqual([
      'SCOPE          TARGET       DEFAULT  MAX  DECISION           DESCRIPTION',
      'prod:api.read  orders-api   30 min   8 h  granted at once    Read from the services',
      'prod:api.read  billing-api  30 min   8 h  granted at once    Read from the services',
      'prod:db.read   orders-api   30 min   4 h  at once up to 1 h  Read production data',
      'prod:db.write  orders-api   15 min   1 h  dba-lead decides   Change production data',
    ]);
  });

  it('lists it as a document', async () => {
    const { document } = await desk.readJson(['scopes']);
    expect(document.scopes).toHaveLength(3);
    expect(document).toMatchObject({
      scopes: [
        { name: 'prod:api.read', default_seconds: 1800, max_seconds: 28_800, minimum_reason_length: 10 },
        { name: 'prod:db.read', default_seconds: 1800 },
        { name: 'prod:db.write', targets: [{ name: 'orders-api', kind: 'token', outcome: 'needs_people' }] },
      ],
    });
  });
});

describe('jit status', () => {
  it('shows grants with their time, and requests with whom they wait for', async () => {
    await desk.run(READ);
    await desk.run([...WRITE, '--no-wait']);
    const { stdout } = await desk.run(['status']);
    expect(stdout).toMatch(/^active +orders-api +prod:api\.read +until .* \(30 min\) +gr_\w+$/m);
    expect(stdout).toMatch(
      /^pending +orders-api +prod:db\.write +waiting for dba-lead, until .* \(1 h\) +req_\w+$/m,
    );
  });

  it('is a document of what is open now', async () => {
    await desk.run(READ);
    const { document } = await desk.readJson(['status']);
    expect(Object.keys(document)).toEqual(['as_of', 'requests', 'grants']);
    expect(document).toMatchObject({ as_of: expect.stringMatching(INSTANT), grants: [{ state: 'active' }] });
  });

  it('says so when there is nothing', async () => {
    expect((await desk.run(['status'])).stdout).toBe('nothing held, nothing pending\n');
  });

  it('--offline asks nobody and says how old it is', async () => {
    await desk.run(READ);
    const calls = stage.meddler.seen.length;
    const { stdout } = await desk.run(['status', '--offline']);
    expect(stdout).toMatch(/^active .*\nas of /);
    expect(stage.meddler.seen).toHaveLength(calls);
  });
});

describe('jit token', () => {
  it('prints the token alone on stdout, for the only grant', async () => {
    await desk.run(READ);
    const { stdout, stderr } = await desk.run(['token']);
    expect(stdout).toMatch(/^eyJ[\w-]+\.[\w-]+\.[\w-]+\n$/);
    expect(stderr).toBe('');
    const { document } = await desk.readJson(['token']);
    expect(document).toEqual({
      grant_id: expect.stringMatching(/^gr_/),
      scopes: ['prod:api.read'],
      target: 'orders-api',
      expires_at: expect.stringMatching(INSTANT),
      token: stdout.trim(),
      token_type: 'Bearer',
      token_expires_at: expect.stringMatching(INSTANT),
    });
  });

  it('names the flags where more than one grant fits, and 6 is no grant at all', async () => {
    expect(await desk.run(['token'])).toMatchObject({ exitCode: 6, stdout: '' });
    await desk.run(READ);
    await desk.run(READ.with(3, 'billing-api'));
    const { exitCode, stderr } = await desk.run(['token']);
    expect(stderr).toMatch(/choose one with --on (orders-api\|billing-api|billing-api\|orders-api)\n/);
    expect(exitCode).toBe(2);
    expect((await desk.run(['token', '--on', 'billing-api'])).exitCode).toBe(0);
  });
});

describe('jit done and jit revoke', () => {
  it('say what is gone, part by part', async () => {
    await desk.run(READ);
    const { stderr, exitCode } = await desk.run(['done']);
    expect(stderr).toContain('✔ token revoked ✔ removed from the keychain · orders-api · prod:api.read\n');
    expect(exitCode).toBe(0);
    expect([...(await desk.listSecrets()).keys()]).toEqual(['session']);
  });

  it('answer with the grants as they are now', async () => {
    await desk.run(READ);
    const { document } = await desk.readJson(['revoke']);
    expect(document.grants).toMatchObject([
      {
        state: 'ended',
        ended_because: 'revoked',
        revocation: { token: 'revoked', target: 'gone', confirmed: true },
      },
    ]);
  });

  it('give back the one that is named and leave the others', async () => {
    const { document } = await desk.readJson(READ);
    await desk.run(READ.with(3, 'billing-api'));
    expect((await desk.run(['done', document.grant?.id ?? ''])).exitCode).toBe(0);
    const { document: status } = await desk.readJson(['status']);
    expect(status.grants?.map((grant) => grant.target)).toEqual(['billing-api']);
  });

  it('give back what they can where one of the names is wrong', async () => {
    const { document } = await desk.readJson(READ);
    const { exitCode, stderr } = await desk.run(['done', 'gr_0000', document.grant?.id ?? '']);
    expect(stderr).toContain('✔ token revoked');
    expect(stderr).toContain('✖ there is no grant gr_0000');
    expect(exitCode).toBe(1);
  });

  it('are 6 where nothing is held', async () => {
    expect(await desk.run(['done'])).toMatchObject({
      exitCode: 6,
      stderr: expect.stringContaining('jit request'),
    });
  });
});

describe('jit cancel and jit history', () => {
  it('take a request back and remember what came of everything', async () => {
    await desk.run(READ);
    await desk.run(['done']);
    const { document: asked } = await desk.readJson([...WRITE, '--no-wait']);
    const cancelled = await desk.readJson(['cancel', asked.request?.id ?? '']);
    expect(cancelled.document.request).toMatchObject({ state: 'cancelled', id: asked.request?.id });
    expect(cancelled.stderr).toMatch(/^✔ req_\w+ is cancelled · orders-api · prod:db\.write\n$/);

    const { stdout } = await desk.run(['history', '--limit', '2']);
    expect(stdout.split('\n')).toHaveLength(4);
    expect(stdout).toMatch(/ cancelled +orders-api +prod:db\.write +15 min +writes-need-a-dba +req_/);
    expect(stdout).toMatch(/ ended \(done\) +orders-api +prod:api\.read +30 min /);
    const { document } = await desk.readJson(['history', '--limit', '1']);
    expect(document).toMatchObject({ requests: [{ state: 'cancelled' }] });
    const one = await desk.run(['history', asked.request?.id.slice(-6) ?? '']);
    expect(one.stderr).toMatch(/^cancelled · orders-api · prod:db\.write\n/);
  });

  it('cancel nothing where nothing is open', async () => {
    const { exitCode, stderr } = await desk.run(['cancel']);
    expect(stderr).toContain('no request of yours is open');
    expect(exitCode).toBe(6);
  });
});
