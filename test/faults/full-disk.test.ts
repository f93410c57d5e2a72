import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApprovalBackend } from '../../src/core/ports/backend.ts';
import { introspect } from '../support/crash-cast.ts';
import { buildSubmission, hold } from '../support/crash-scene.ts';
import type { FaultPlace } from '../support/fault-config.ts';
import { findViolations } from '../support/invariants.ts';
import { startLateServer } from '../support/late-server.ts';
import { logIn } from '../support/log-in.ts';
import { findQuietPort } from '../support/quiet-port.ts';
import { hasTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

const PROBE = 'd=$(mktemp -d) && mount -t tmpfs -o size=64k none $d && umount $d && rmdir $d';
const canMount = hasTool(['sh', '-c', PROBE], 'a small file system: root, and mount');
const SHORT_SECONDS = 2;

let place: FaultPlace;

beforeAll(async () => {
  if (!canMount) return;
  const folder = await mkdtemp(join(tmpdir(), 'jit-full-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m,mode=700', 'none', folder]);
  place = {
    folder,
    port: await findQuietPort(),
    kind: 'token',
    urls: { orders: '', billing: '', stock: '' },
  };
});

afterAll(async () => {
  if (!canMount) return;
  execFileSync('umount', [place.folder]);
  await rm(place.folder, { recursive: true });
});

/** Until nothing more fits, not even what SQLite has set aside for its log. */
async function fillDisk(): Promise<string> {
  const ballast = join(place.folder, 'ballast');
  await writeFile(ballast, Buffer.alloc(4 * 1024 * 1024)).catch(() => undefined);
  return ballast;
}

function isFalse(value: boolean): boolean {
  return !value;
}

/** What fits still in what is set aside is given; then nothing is. */
async function giveUpAsking(backend: ApprovalBackend): Promise<void> {
  const asked = buildSubmission({ target: 'stock' });
  await until('refused', () =>
    backend.submit(asked).then(
      () => false,
      () => true,
    ),
  );
  const again = buildSubmission({ target: 'stock', scopes: ['prod:db.write'] });
  await expect(backend.submit(again)).rejects.toMatchObject({ code: 'failed' });
}

// On SQLite a removal waits for room too: what is at a target then stands until there is some. Tokens do not wait.
describe.skipIf(!canMount)('a server on SQLite whose disk is full', () => {
  it('I1, I2, I4: gives nothing new and claims nothing ended; tokens end with their time, and the rest with the first room there is', async () => {
    await using server = await startLateServer(place, 0);
    const { backend } = await logIn(`http://127.0.0.1:${place.port}`, { user: 'dev' });
    const held = await hold(backend);
    const short = await backend.submit(
      buildSubmission({ target: 'billing', durationSeconds: SHORT_SECONDS }),
    );
    if (!held.claimed || !short.claimed) throw new Error('nothing was granted');
    const ballast = await fillDisk();
    await giveUpAsking(backend);
    const { id } = held.claimed.grant;
    await expect(backend.revoke(id, 'done')).rejects.toMatchObject({ code: 'failed' });
    expect(await server.store.readGrant(id)).toMatchObject({ state: 'active' });
    const { token } = short.claimed;
    // Who asks about one that is live is told nothing meanwhile: the use cannot be recorded.
    await until('over', () => introspect(place, token).then(isFalse, () => false), 10_000);
    await rm(ballast);
    expect(await backend.revoke(id, 'done')).toMatchObject({
      state: 'ended',
      revocation: { confirmed: true },
    });
    await until('ended', async () => {
      const left = await server.store.listGrants({ states: ['active', 'revoking'], limit: 9 });
      return left.every(({ target }) => target === 'stock');
    });
    expect(await findViolations({ store: server.store, now: server.now() })).toEqual([]);
  }, 60_000);
});
