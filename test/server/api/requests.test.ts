import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Submission } from '../../../src/core/ports/backend.ts';
import { type JitServer, type Someone, startJitServer } from '../../support/programs/jit-server.ts';

let server: JitServer;
let dev: Someone;
let other: Someone;
let outsider: Someone;

beforeAll(async () => {
  server = await startJitServer();
  dev = await server.logIn('dev');
  other = await server.logIn('dba-lead');
  outsider = await server.logIn('on-call');
});

afterAll(async () => {
  expect(server.errors).toEqual([]);
  await server[Symbol.asyncDispose]();
});

function ask(changes: Partial<Submission> = {}): Submission {
  return {
    scopes: ['prod:api.read'],
    target: 'orders-api',
    durationSeconds: 600,
    reason: 'INC-4211 slow checkout',
    ticket: null,
    extendsGrantId: null,
    breakGlass: false,
    idempotencyKey: randomUUID(),
    ...changes,
  };
}

describe('asking', () => {
  it('grants at once what policy grants, with a token for the target', async () => {
    const { request, claimed } = await dev.backend.submit(ask());
    expect(request).toMatchObject({ state: 'claimed', decision: { rule: 'api-reads-are-automatic' } });
    expect(claimed?.grant).toMatchObject({
      state: 'active',
      target: 'orders-api',
      scopes: ['prod:api.read'],
    });
    expect(claimed?.token.reveal().split('.')).toHaveLength(3);
    await dev.backend.revoke(claimed?.grant.id ?? '', 'done');
  });

  it('finds the same request under the same key, and refuses the key for another question', async () => {
    const submission = ask();
    const [first, again] = [await dev.backend.submit(submission), await dev.backend.submit(submission)];
    expect(again.request.id).toBe(first.request.id);
    expect(again.claimed?.grant.id).toBe(first.claimed?.grant.id);
    await expect(
      dev.backend.submit({ ...submission, reason: 'another reason entirely' }),
    ).rejects.toMatchObject({
      code: 'idempotency_conflict',
    });
    await dev.backend.revoke(first.claimed?.grant.id ?? '', 'done');
  });

  it('says whether it was asked for before, with another key: whoever did may still need it', async () => {
    const submission = ask();
    const [first, again] = [await dev.backend.submit(submission), await dev.backend.submit(submission)];
    const joining = await dev.backend.submit(ask());
    expect([first.joined, again.joined, joining.joined]).toEqual([false, false, true]);
    expect(joining.claimed?.grant.id).toBe(first.claimed?.grant.id);
    await dev.backend.revoke(first.claimed?.grant.id ?? '', 'done');
  });

  it('keeps the same key of two people apart', async () => {
    const submission = ask();
    const [mine, theirs] = [await dev.backend.submit(submission), await other.backend.submit(submission)];
    expect(mine.request.id).not.toBe(theirs.request.id);
    await dev.backend.revoke(mine.claimed?.grant.id ?? '', 'done');
    await other.backend.revoke(theirs.claimed?.grant.id ?? '', 'done');
  });

  it('asked again for more time extends the one grant', async () => {
    const first = await dev.backend.submit(ask({ durationSeconds: 600 }));
    const again = await dev.backend.submit(ask({ durationSeconds: 1200 }));
    expect(again.request.extendsGrantId).toBe(first.claimed?.grant.id);
    expect(again.claimed?.grant.id).toBe(first.claimed?.grant.id);
    expect(again.claimed?.grant.expiresAt).toBeGreaterThan(first.claimed?.grant.expiresAt ?? 0);
    await dev.backend.revoke(first.claimed?.grant.id ?? '', 'done');
  });

  it.each([
    ['unknown_scope', { scopes: ['prod:api.reed'] }],
    ['unknown_target', { target: 'order-api' }],
    ['duration_too_long', { durationSeconds: 9 * 3600 }],
    ['bad_reason', { reason: 'x' }],
    ['bad_reason', { reason: 'INC-4211 \u001b[2J slow checkout' }],
  ])('refuses with %s, as a usage error', async (code, changes) => {
    await expect(dev.backend.submit(ask(changes))).rejects.toMatchObject({ code, exitCode: 2 });
  });
});

describe("S3: somebody else's request and grant", () => {
  it('is as unknown as one that does not exist', async () => {
    const { request, claimed } = await dev.backend.submit(ask());
    const grantId = claimed?.grant.id ?? '';
    const attempts = [
      () => outsider.backend.readRequest(request.id),
      () => outsider.backend.readDossier(request.id),
      () => outsider.backend.readGrant(grantId),
      () => outsider.backend.claim(request.id),
      () => outsider.backend.cancel(request.id),
      () => outsider.backend.submit(ask({ extendsGrantId: grantId })),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ code: 'not_found' });
    await dev.backend.revoke(grantId, 'done');
  });
});

describe('what policy lets one read', () => {
  it('is seen, and no more than that: claiming and cancelling are the requester’s', async () => {
    const { request, claimed } = await dev.backend.submit(ask());
    expect(await other.backend.readRequest(request.id)).toMatchObject({ requestedBy: 'dev' });
    expect(await other.backend.readGrant(claimed?.grant.id ?? '')).toMatchObject({ heldBy: 'dev' });
    await expect(other.backend.claim(request.id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(other.backend.cancel(request.id)).rejects.toMatchObject({ code: 'not_found' });
    await dev.backend.revoke(claimed?.grant.id ?? '', 'done');
  });
});

describe('S2: why a grant ended', () => {
  it('is what its holder says, and never what somebody else says who takes it', async () => {
    const { claimed } = await dev.backend.submit(ask());
    const taken = await other.backend.revoke(claimed?.grant.id ?? '', 'done');
    expect(taken).toMatchObject({ state: 'ended', endedBecause: 'revoked' });
    const again = await dev.backend.submit(ask());
    const given = await dev.backend.revoke(again.claimed?.grant.id ?? '', 'done');
    expect(given).toMatchObject({ state: 'ended', endedBecause: 'done' });
  });
});

describe('following', () => {
  it('is told of the end at once', async () => {
    await using own = await startJitServer({ config: { pendingSeconds: 1 } });
    const person = await own.logIn('dev');
    const { grant } = (await person.backend.submit(ask())).claimed ?? { grant: undefined };
    expect(grant?.state).toBe('active');
    const began = performance.now();
    const [given] = await Promise.all([person.backend.revoke(grant?.id ?? '', 'done')]);
    expect(given).toMatchObject({ state: 'ended', endedBecause: 'done', revocation: { confirmed: true } });
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
