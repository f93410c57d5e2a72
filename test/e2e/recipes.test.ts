import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { believe, type CloudName, type Clouds, startClouds } from '../support/clouds/clouds.ts';
import { readRecipes } from '../support/clouds/recipes.ts';
import type { Desk } from '../support/programs/desk.ts';
import type { Outcome } from '../support/programs/running-jit.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';

const TOOL = join(import.meta.dirname, '../support/clouds/cloud-tool.ts');
/** Older Nodes say of TypeScript that it is an experiment. */
const QUIET = ['--disable-warning=ExperimentalWarning'];
const TARGETS: Readonly<Record<CloudName, readonly [scope: string, target: string]>> = {
  aws: ['prod:aws.read', 'aws-orders'],
  google: ['prod:gcp.read', 'gcp-orders'],
  azure: ['prod:azure.read', 'azure-orders'],
  vault: ['prod:vault.read', 'vault'],
  kubernetes: ['prod:k8s.read', 'cluster'],
};

let stage: Stage;
let desk: Desk;
let clouds: Clouds;

beforeAll(async () => {
  stage = await startStage(await readRecipes());
  clouds = await startClouds(stage.url);
  desk = await stage.openDesk();
  for (const [scope, target] of Object.values(TARGETS)) {
    const asked = await desk.run(['request', scope, '--on', target, '--for', '10m', '--reason', 'INC-4211']);
    expect(asked.stderr).toContain('approved');
  }
});
afterAll(async () => {
  await desk[Symbol.asyncDispose]();
  await clouds[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});

/** The stand-in of a tool, under `jit exec`. */
function use(cloud: CloudName, environment: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  return desk.run(['exec', '--on', TARGETS[cloud][1], '--', process.execPath, ...QUIET, TOOL, cloud], {
    environment: { CLOUD_URL: clouds.url, ...environment },
  });
}

const tokenOf = async (cloud: CloudName): Promise<string> =>
  (await desk.run(['token', '--on', TARGETS[cloud][1]])).stdout.trim();

describe('the recipe, as it stands in docs/recipes', () => {
  it('aws: the token is a web identity, and the session is named after the grant', async () => {
    const inherited = { AWS_ACCESS_KEY_ID: 'AKIAOLD', AWS_SECRET_ACCESS_KEY: 'old', AWS_PROFILE: 'old' };
    const { stdout, stderr } = await use('aws', inherited);
    expect([stdout, stderr]).toEqual([
      expect.stringMatching(/^arn:aws:sts::111122223333:assumed-role\/orders-read\/jit-gr_[0-9a-z]+\n$/),
      '',
    ]);
  });

  it('google: the file names the token, and both are on no disk', async () => {
    const { stdout, stderr } = await use('google');
    expect([stdout, stderr]).toEqual([
      '{"accessToken":"service account for federated dev:dev","lifetime":"600s"}\n',
      '',
    ]);
    const shown = await desk.run([
      'exec',
      '--on',
      'gcp-orders',
      '--',
      'sh',
      '-c',
      'echo "$GOOGLE_APPLICATION_CREDENTIALS"; cat "$GOOGLE_APPLICATION_CREDENTIALS"',
    ]);
    expect(shown.stdout).toMatch(/^\/proc\/\d+\/fd\/\d+\n/);
    expect(shown.stdout).toMatch(/"credential_source": \{ "file": "\/proc\/\d+\/fd\/\d+" \}/);
  });

  it('azure: the token is a client assertion signed with RS256', async () => {
    const { stdout, stderr } = await use('azure', { AZURE_CLIENT_SECRET: 'old' });
    expect([stdout, stderr]).toEqual([
      '{"access_token":"azure dev:dev as 66666666-7777-8888-9999-000000000000"}\n',
      '',
    ]);
  });

  it('vault: the token logs in with the JWT method', async () => {
    const { stdout, stderr } = await use('vault');
    expect([stdout, stderr]).toEqual(['{"auth":{"client_token":"vault orders dev:dev"}}\n', '']);
  });

  it('kubernetes: the document of jit credential has a token that the API server can map', async () => {
    const { stdout } = await desk.run(['credential', 'kubernetes', '--on', 'cluster'], {
      environment: {
        KUBERNETES_EXEC_INFO: JSON.stringify({
          apiVersion: 'client.authentication.k8s.io/v1',
          kind: 'ExecCredential',
          spec: { interactive: false },
        }),
      },
    });
    const { status } = JSON.parse(stdout) as { readonly status: { readonly token: string } };
    expect(await believe('kubernetes', status.token, stage.url)).toMatchObject({
      sub: 'dev:dev',
      scope: 'prod:k8s.read',
      grant_id: expect.stringMatching(/^gr_/),
    });
  });
});

describe('what a cloud refuses', () => {
  it.each([
    ['aws', 'google', 'unexpected "aud"'],
    ['google', 'aws', 'unexpected "aud"'],
    ['azure', 'google', '"alg"'],
    ['vault', 'azure', '"alg"'],
  ] as const)('%s: the token of %s', async (cloud, other, reason) => {
    await expect(believe(cloud, await tokenOf(other), stage.url)).rejects.toThrow(reason);
  });
});
