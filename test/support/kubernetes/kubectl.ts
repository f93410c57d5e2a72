import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Desk } from '../programs/desk.ts';
import { JIT, type Outcome } from '../programs/running-jit.ts';
import type { KubernetesApi } from './kubernetes-api.ts';

/** A real kubectl on somebody's machine, whose kubeconfig gets its credential from jit. */
export type Kubectl = {
  run(args: readonly string[]): Promise<Outcome>;
  /** How often it has called jit. */
  countCalls(): Promise<number>;
};

export async function setUpKubectl(
  desk: Desk,
  api: Pick<KubernetesApi, 'url' | 'certificate'>,
  flags: readonly string[] = [],
): Promise<Kubectl> {
  const bin = join(desk.folder, 'bin');
  const [calls, config] = [join(desk.folder, 'calls'), join(desk.folder, 'kubeconfig')];
  await mkdir(bin, { recursive: true });
  await writeFile(calls, '');
  await writeFile(
    join(bin, 'jit'),
    `#!/bin/sh\necho "$*" >>'${calls}'\nexec '${process.execPath}' '${JIT}' "$@"\n`,
  );
  await chmod(join(bin, 'jit'), 0o755);
  await writeFile(config, buildKubeconfig(api, flags), { mode: 0o600 });
  // kubectl hands no descriptor on.
  const { JIT_KEYCHAIN_PASSPHRASE_FD: _, ...others } = desk.environment;
  const environment = {
    ...others,
    PATH: `${bin}:${desk.environment.PATH}`,
    KUBECONFIG: config,
    JIT_KEYCHAIN_PASSPHRASE: desk.passphrase,
  };
  return {
    run: (args) => runProgram(args, environment),
    countCalls: async () => (await readFile(calls, 'utf8')).split('\n').length - 1,
  };
}

function runProgram(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile('kubectl', [...args], { env }, (error, stdout, stderr) =>
      resolve({ exitCode: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

/** JSON, which is YAML too. */
function buildKubeconfig(
  { url, certificate }: Pick<KubernetesApi, 'url' | 'certificate'>,
  flags: readonly string[],
): string {
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: 'jit',
    args: ['credential', 'kubernetes', ...flags],
    interactiveMode: 'Never',
  };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server: url, 'certificate-authority-data': btoa(certificate) } }],
    users: [{ name: 'jit', user: { exec } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'jit' } }],
  });
}
