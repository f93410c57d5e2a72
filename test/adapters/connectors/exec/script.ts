import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import {
  type ExecConnectorOptions,
  openExecConnector,
} from '../../../../src/adapters/connectors/exec/open.ts';
import type { Connector } from '../../../../src/core/ports/connector.ts';
import { realClock } from '../../../support/databases/postgres.ts';

export const HANDLE = 'jit_abcd1234_01';
export const SCOPES = ['prod:tickets.read'];

export type Script = {
  readonly connector: Connector;
  readonly folder: string;
  /** Of the script itself. */
  readonly path: string;
  /** What the script has written to a file in its folder. */
  read(name: string): Promise<string>;
  issue(): ReturnType<Connector['issue']>;
};

const opened: (() => Promise<void>)[] = [];

/** In a test file that uses `openScript`: everything is closed after each test. */
export function closeScripts(): void {
  afterEach(async () => {
    for (const close of opened.splice(0)) await close();
  });
}

export const soon = (ms = 10_000): number => realClock.now() + ms;

/** A connector whose program is a shell script; in it, `$FOLDER` is a folder of its own. */
export async function openScript(body: string, changes: Partial<ExecConnectorOptions> = {}): Promise<Script> {
  const folder = await mkdtemp(join(tmpdir(), 'jit-exec-'));
  const path = join(folder, 'connector.sh');
  await writeFile(path, `#!/bin/sh\nFOLDER='${folder}'\n${body}\n`);
  await chmod(path, 0o755);
  const connector = openExecConnector({
    name: 'tickets',
    installation: 'abcd1234',
    clock: realClock,
    command: path,
    args: [],
    sha256: null,
    timeoutSeconds: 10,
    environment: {},
    ...changes,
  });
  opened.push(async () => {
    await connector.close();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    connector,
    folder,
    path,
    read: (name) => readFile(join(folder, name), 'utf8'),
    issue: () =>
      connector.issue({ handle: HANDLE, scopes: SCOPES, expiresAt: soon(600_000), deadlineAt: soon() }),
  };
}
