import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Desk } from '../support/programs/desk.ts';
import { type Stage, startStage } from '../support/programs/stage.ts';
import { hasTool } from '../support/tools.ts';

const READ = ['request', 'prod:api.read', '--on', 'orders-api', '--for', '30m', '--reason', 'INC-4211 slow'];
const probe = 'd=$(mktemp -d) && mount -t tmpfs -o size=64k none $d && umount $d && rmdir $d';
const canMount = hasTool(['sh', '-c', probe], 'a small file system: root, and mount');

let stage: Stage;
let desk: Desk;
let disk: string;
let full: { readonly environment: Readonly<Record<string, string>> };

beforeAll(async () => {
  if (!canMount) return;
  stage = await startStage();
  desk = await stage.openDesk();
  disk = await mkdtemp(join(tmpdir(), 'jit-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k,mode=700', 'none', disk]);
  await cp(join(desk.folder, 'state'), disk, { recursive: true });
  full = { environment: { JIT_STATE_DIR: disk } };
});
afterAll(async () => {
  if (!canMount) return;
  await desk[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
  execFileSync('umount', [disk]);
  await rm(disk, { recursive: true });
});

/** A file system does that to itself where its disk fails. */
function remount(how: 'ro' | 'rw'): void {
  execFileSync('mount', ['-o', `remount,${how}`, disk]);
}

/** Until nothing more fits. */
async function fillDisk(): Promise<void> {
  await writeFile(join(disk, 'ballast'), Buffer.alloc(1024 * 1024)).catch(() => undefined);
}

describe.skipIf(!canMount)('a disk that is full, or only reads', () => {
  it('is 1 and says which file, and the grant is picked up when there is room', async () => {
    await fillDisk();
    const { exitCode, document } = await desk.readJson(READ, full);
    expect(document.error).toMatchObject({
      code: 'failed',
      message: expect.stringMatching(/\/jit-disk-.*ENOSPC/),
    });
    expect(exitCode).toBe(1);
    await rm(join(disk, 'ballast'));
    expect(await desk.run(['wait'], full)).toMatchObject({ exitCode: 0 });
    expect(await desk.run(['exec', '--', 'true'], full)).toMatchObject({ exitCode: 0 });
  });

  it('keeps nobody from looking, from using what is held, and from giving it back', async () => {
    await fillDisk();
    expect(await desk.run(['whoami'], full)).toMatchObject({ exitCode: 0 });
    expect(await desk.run(['exec', '--', 'true'], full)).toMatchObject({ exitCode: 0 });
    expect(await desk.run(['status'], full)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('active'),
    });
    await rm(join(disk, 'ballast'));
    remount('ro');
    const used = await desk.run(['exec', '--', 'true'], full);
    remount('rw');
    expect(used).toMatchObject({ exitCode: 0 });
    await fillDisk();
    const done = await desk.run(['done'], full);
    expect(done.stderr).toContain('✔ token revoked');
    expect(done.exitCode).toBe(0);
    await rm(join(disk, 'ballast'));
    expect(await desk.run(['status'], full)).toMatchObject({ stdout: 'nothing held, nothing pending\n' });
  });
});
