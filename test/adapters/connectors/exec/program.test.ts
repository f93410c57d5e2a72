import { createHash } from 'node:crypto';
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openExecConnector } from '../../../../src/adapters/connectors/exec/open.ts';
import { realClock } from '../../../support/databases/postgres.ts';
import { closeScripts, openScript, type Script, soon } from './script.ts';

closeScripts();

/** A connector with the script's program, pinned to what it is now. */
async function pin(script: Script) {
  const sha256 = createHash('sha256')
    .update(await readFile(script.path))
    .digest('hex');
  return openExecConnector({
    name: 'tickets',
    installation: 'abcd1234',
    clock: realClock,
    command: script.path,
    args: [],
    sha256,
    timeoutSeconds: 10,
    environment: {},
  });
}

const USED = 'echo \'{"last_used_at":null}\'';
const ask = (connector: Awaited<ReturnType<typeof pin>>) => connector.activity('jit_abcd1234_01', soon());
const listCopies = async (): Promise<readonly string[]> =>
  (await readdir(tmpdir())).filter((name) => name.startsWith('jit-connector-'));

describe('a program with its SHA-256', () => {
  it('runs where the file is what was pinned', async () => {
    const connector = await pin(await openScript(USED));
    expect(await ask(connector)).toBeNull();
    await connector.close();
  });

  it('does not run where the file is another one, and says which it is', async () => {
    const script = await openScript(USED);
    const connector = await pin(script);
    await writeFile(script.path, `#!/bin/sh\ntouch '${script.folder}/ran'\n${USED}\n`);
    await expect(ask(connector)).rejects.toMatchObject({
      code: 'target_failed',
      message: expect.stringMatching(/is another file now: its SHA-256 is [0-9a-f]{64}/),
    });
    await expect(script.read('ran')).rejects.toMatchObject({ code: 'ENOENT' });
    await connector.close();
  });

  it('runs what was compared, though the file is exchanged later', async () => {
    const script = await openScript(USED);
    const connector = await pin(script);
    await ask(connector);
    await writeFile(script.path, '#!/bin/sh\nexit 9\n');
    await chmod(script.path, 0o755);
    expect(await ask(connector)).toBeNull();
    await connector.close();
  });

  it('runs again after its copy was tidied away, of which a server that runs for long hears nothing', async () => {
    const before = await listCopies();
    const connector = await pin(await openScript(USED));
    await ask(connector);
    for (const name of (await listCopies()).filter((copy) => !before.includes(copy)))
      await rm(join(tmpdir(), name), { recursive: true });
    expect(await ask(connector)).toBeNull();
    await connector.close();
    expect(await listCopies()).toEqual(before);
  });

  it('I6: leaves no copy behind', async () => {
    const before = await listCopies();
    const connector = await pin(await openScript(USED));
    await ask(connector);
    expect(await listCopies()).not.toEqual(before);
    await connector.close();
    expect(await listCopies()).toEqual(before);
  });
});
