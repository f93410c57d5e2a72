import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { rewriteSecret } from '../support/keyrings/rewritten-secret.ts';
import { type Kubectl, setUpKubectl } from '../support/kubernetes/kubectl.ts';
import { type KubernetesApi, startKubernetesApi } from '../support/kubernetes/kubernetes-api.ts';
import type { Desk } from '../support/programs/desk.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';
import { hasTool } from '../support/tools.ts';

const isPossible =
  hasTool(['kubectl', 'version', '--client'], 'kubectl') && hasTool(['openssl', 'version'], 'openssl');
const REASON = ['--reason', 'INC-4211 slow checkout'];
const READ = ['request', 'prod:api.read', '--on', 'orders-api', '--for', '20m', ...REASON];
const GET = ['get', 'pods', '--output', 'name'];

describe.runIf(isPossible)('a real kubectl', () => {
  let stage: Stage;
  let desk: Desk;
  let api: KubernetesApi;
  let kubectl: Kubectl;

  beforeAll(async () => {
    stage = await startStage();
    desk = await stage.openDesk();
    api = await startKubernetesApi(stage);
    kubectl = await setUpKubectl(desk, api, ['--on', 'orders-api']);
  });
  afterAll(async () => {
    await api?.[Symbol.asyncDispose]();
    await desk?.[Symbol.asyncDispose]();
    await stage?.[Symbol.asyncDispose]();
  });
  afterEach(async () => {
    await desk.run(['done']);
  });

  it('gets the token of the grant from jit, once, and nothing else of jit is seen', async () => {
    await desk.run(READ);
    const before = await kubectl.countCalls();
    const { exitCode, stdout, stderr } = await kubectl.run(GET);
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: 'pod/orders-0\n', stderr: '' });
    expect((await kubectl.countCalls()) - before).toBe(1);
    expect(api.answers.every((status) => status === 200)).toBe(true);
  });

  it('without a grant shows the command, which then asks for exactly what was missed', async () => {
    const { exitCode, stderr, stdout } = await kubectl.run(GET);
    expect(stderr).toContain('jit: no live grant on orders-api');
    expect(stderr).toContain('; jit request --last\n');
    expect(stderr).toContain('exit code 6');
    expect(stdout).toBe('');
    expect(exitCode).toBe(1);
    const { document } = await desk.readJson(['request', '--last', ...REASON]);
    expect(document.grant).toMatchObject({ scopes: ['prod:api.read'], target: 'orders-api' });
    // As long as the one before.
    expect(document.request?.duration_seconds).toBe(20 * 60);
    expect((await kubectl.run(GET)).stdout).toBe('pod/orders-0\n');
  });

  it('whose grant is replaced in the middle calls jit again, and goes on', async () => {
    await desk.run(READ);
    const [calls, answers] = [await kubectl.countCalls(), api.answers.length];
    api.meanwhile(async () => {
      await desk.run(['done']);
      await desk.run(READ);
    });
    expect(await kubectl.run(['--cache-dir', `${desk.folder}/cache-1`, ...GET])).toMatchObject({
      exitCode: 0,
      stdout: 'pod/orders-0\n',
    });
    expect(api.answers.slice(answers)).toContain(401);
    expect((await kubectl.countCalls()) - calls).toBe(2);
  });

  it('shows the client certificate that a credential has, and no token', async () => {
    await desk.run(READ);
    const { key, cert } = api.client;
    await rewriteSecret(desk, {
      account: /orders-api/,
      more: {
        token: 'nobody knows this token',
        credential: {
          environment: { KUBE_CLIENT_CERT_DATA: cert },
          secret_environment: { KUBE_CLIENT_KEY_DATA: key },
          secret_files: [],
          removes: [],
        },
      },
    });
    expect(await kubectl.run(GET)).toMatchObject({ exitCode: 0, stdout: 'pod/orders-0\n' });
  });

  it('whose grant ends in the middle is told what to do', async () => {
    await desk.run(READ);
    api.meanwhile(() => desk.run(['done']));
    const { exitCode, stderr } = await kubectl.run(['--cache-dir', `${desk.folder}/cache-2`, ...GET]);
    expect(stderr).toContain('jit: no live grant on orders-api; jit request --last');
    expect(exitCode).toBe(1);
  });
});
