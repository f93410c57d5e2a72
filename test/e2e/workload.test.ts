import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildWorkloadRule, type FakeIssuer, startFakeIssuer } from '../support/fake-issuer.ts';
import type { Desk } from '../support/programs/desk.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';

const PIPELINES = `
@id("pipelines-read")
permit (principal in Group::"pipelines", action == Action::"activate", resource == Scope::"prod:api.read")
when { principal.kind == "workload" && context.login.method == "workload" };`;

let issuer: FakeIssuer;
let stage: Stage;
let desk: Desk;
let tokenFile: string;
beforeAll(async () => {
  issuer = await startFakeIssuer();
  stage = await startStage({
    workloads: [buildWorkloadRule(issuer)],
    policies: { 'pipelines.cedar': PIPELINES },
  });
  desk = await stage.openDesk({ user: null });
  tokenFile = join(desk.folder, 'token');
});
afterAll(async () => {
  for (const opened of [desk, stage, issuer]) await opened[Symbol.asyncDispose]();
});

const READ = ['request', 'prod:api.read', '--on', 'orders-api', '--for', '5m', '--reason', 'nightly export'];
const nowSeconds = () => Math.floor(Date.now() / 1000);

describe('a pipeline', () => {
  it('logs in with the token that its platform keeps in a file, gets what policy gives it, and leaves', async () => {
    await writeFile(tokenFile, `${await issuer.sign({ claims: { jti: 'job-1' } })}\n`);
    const login = await desk.readJson(['login', '--workload-token-file', tokenFile]);
    expect(login).toMatchObject({
      exitCode: 0,
      document: { name: 'orders-ci', kind: 'workload', groups: ['pipelines'], login: { method: 'workload' } },
    });
    const { exitCode, document } = await desk.readJson(READ);
    expect([exitCode, document.grant?.state]).toEqual([0, 'active']);
    const secrets = await desk.listSecrets();
    expect(secrets.get('session')).not.toContain('refresh_token');
    expect(await desk.run(['logout'])).toMatchObject({ exitCode: 0 });
    expect((await desk.listSecrets()).size).toBe(0);
  });

  it('is logged in anew by the file of this moment when its session is over', async () => {
    const exp = nowSeconds() + 4;
    await writeFile(tokenFile, await issuer.sign({ claims: { exp } }));
    const environment = { JIT_WORKLOAD_TOKEN_FILE: tokenFile };
    expect((await desk.run(['login'], { environment })).exitCode).toBe(0);
    await writeFile(tokenFile, await issuer.sign());
    const { exitCode, document } = await desk.readJson(['whoami']);
    expect([exitCode, document.name]).toEqual([0, 'orders-ci']);
    await rm(tokenFile);
    expect(await desk.readJson(['login', '--workload-token-file', tokenFile])).toMatchObject({
      exitCode: 4,
      document: {
        error: {
          code: 'workload_token_unusable',
          message: `the workload token ${tokenFile} cannot be used: there is no such file`,
        },
      },
    });
  });

  it.each([
    ['it is empty', '\n', 'workload_token_unusable'],
    ['it is no JSON Web Token', 'hello', 'workload_token_unusable'],
    ['it is longer than 16384 characters', 'x'.repeat(16_385), 'workload_token_unusable'],
    ['no issuer of the configuration made it for this server', 'aaaa.bbbb.cccc', 'workload_refused'],
  ])('is told that %s', async (why, text, code) => {
    await writeFile(tokenFile, text);
    const { exitCode, document } = await desk.readJson(['login', '--workload-token-file', tokenFile]);
    expect([exitCode, document.error]).toMatchObject([4, { code, message: expect.stringContaining(why) }]);
  });
});

describe('somebody who names a token for a server without workloads', () => {
  it('is told so', async () => {
    await using other = await startStage();
    await using somebody = await other.openDesk({ user: null });
    const file = join(somebody.folder, 'token');
    await writeFile(file, await issuer.sign());
    const { exitCode, document } = await somebody.readJson(['login', '--workload-token-file', file]);
    expect([exitCode, document.error?.code]).toEqual([4, 'login_not_offered']);
  });
});
