import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLocalState } from '../../src/adapters/local-state.ts';
import type { LocalState } from '../../src/core/ports/local-state.ts';
import { createQueueLock } from '../support/fakes/fake-authorization-keychain.ts';

let folder = '';
let path = '';

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'jit-state-')), 'jit');
  path = join(folder, 'held.json');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

const open = () => createLocalState({ folder, lock: createQueueLock() });

const at = Date.UTC(2026, 10, 21, 12, 0, 0);
const full: LocalState = {
  grants: [
    {
      server: 'https://jit.example.com',
      account: 'prod:db.read on orders (gr_1)',
      view: {
        id: 'gr_1',
        url: 'https://jit.example.com/grants/gr_1',
        requestId: 'req_1',
        state: 'active',
        scopes: ['prod:db.read'],
        target: 'orders',
        heldBy: 'dev',
        breakGlass: true,
        claimedAt: at,
        expiresAt: at + 1_800_000,
        lastUsedAt: null,
        endedAt: null,
        endedBecause: null,
        revocation: {
          token: 'live',
          target: 'live',
          confirmed: false,
          attempts: 0,
          lastError: null,
          sessionsEnded: 0,
        },
      },
    },
  ],
  requests: [
    {
      server: 'https://jit.example.com',
      view: {
        id: 'req_2',
        url: 'https://jit.example.com/requests/req_2',
        state: 'pending',
        scopes: ['prod:db.write'],
        target: 'orders',
        durationSeconds: 900,
        reason: 'INC-4211: slow checkout',
        ticket: null,
        requestedBy: 'dev',
        createdAt: at,
        lapsesAt: at + 3_600_000,
        claimBy: null,
        decision: {
          outcome: 'needs_people',
          rule: 'writes-need-a-dba',
          reasons: ['changes production'],
          advice: [],
          reviews: [
            {
              by: 'dba-lead',
              outcome: 'approved',
              reason: null,
              at,
              way: 'cli',
              scopes: ['prod:db.write'],
              durationSeconds: 900,
            },
          ],
        },
        approvals: { needed: 2, given: 1, groups: [] },
        canApprove: ['dba'],
        told: [],
        grantId: null,
        extendsGrantId: null,
        breakGlass: false,
        originally: { scopes: ['prod:db.write'], durationSeconds: 900 },
        escalatedAt: null,
        afterwards: null,
        digest: 'digest-of-what-was-asked',
      },
    },
  ],
  servers: {
    'https://jit.example.com': {
      name: 'dev',
      asOf: at,
      inbox: ['req_01first'],
      scopes: [
        {
          name: 'prod:db.read',
          description: 'Read production data',
          sensitivity: 'medium',
          defaultSeconds: 1800,
          maxSeconds: 14_400,
          targets: [{ name: 'orders', kind: 'postgres', outcome: 'automatic', canApprove: [] }],
          minimumReasonLength: 10,
          needsTicket: false,
        },
      ],
    },
  },
};

const empty = { grants: [], requests: [], servers: {} };

describe('what this machine remembers', () => {
  it('is nothing at first, and reading makes nothing', async () => {
    expect(await open().read()).toEqual(empty);
    expect(existsSync(folder)).toBe(false);
  });

  it('is read back whole by another process', async () => {
    expect(await open().update(() => full)).toEqual(full);
    expect(await open().read()).toEqual(full);
  });

  it('is read anew when another process has written, by who has read before', async () => {
    const reader = open();
    await open().update(() => full);
    expect(await reader.read()).toEqual(full);
    await open().update(() => empty);
    expect(await reader.read()).toEqual(empty);
    expect(await reader.update((state) => ({ ...state, requests: full.requests }))).toEqual({
      ...empty,
      requests: full.requests,
    });
  });

  it('is for its owner alone', async () => {
    await open().update(() => full);
    expect([statSync(folder).mode & 0o777, statSync(path).mode & 0o777]).toEqual([0o700, 0o600]);
    expect(readdirSync(folder)).toEqual(['held.json']);
  });

  it.each([
    ['half a document', '{"version":1,"grants":['],
    ['nothing', ''],
    ['another shape', '{"version":1,"grants":{},"requests":[],"servers":{}}'],
    ['another version', '{"version":2,"grants":[],"requests":[],"servers":{}}'],
    ['a list', '[]'],
    ['a prototype', '{"__proto__":{"grants":[]}}'],
  ])('reads %s as nothing and keeps it aside', async (_, text) => {
    mkdirSync(folder);
    writeFileSync(path, text);
    expect(await open().read()).toEqual(empty);
    expect(readFileSync(path, 'utf8')).toBe(text);
    await open().update(() => full);
    expect(await open().read()).toEqual(full);
    expect(readFileSync(`${path}.bad`, 'utf8')).toBe(text);
  });

  it('loses no change when many are made at once', async () => {
    const state = open();
    const [request] = full.requests;
    if (!request) throw new Error('the sample has a request');
    const add = (number: number) =>
      state.update((known) => ({
        ...known,
        requests: [...known.requests, { ...request, view: { ...request.view, id: `req_${number}` } }],
      }));
    await Promise.all(Array.from({ length: 20 }, (_, number) => add(number)));
    expect((await state.read()).requests).toHaveLength(20);
  });

  it('writes nothing when nothing changes', async () => {
    await open().update((state) => state);
    expect(existsSync(path)).toBe(false);
  });

  it('keeps what it had when a change throws', async () => {
    await open().update(() => full);
    const failing = open().update(() => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await open().read()).toEqual(full);
  });

  it('I6: says that writing failed, and leaves nothing half done', async () => {
    mkdirSync(path, { recursive: true });
    await expect(open().update(() => full)).rejects.toMatchObject({ code: 'failed' });
    expect(readdirSync(folder)).toEqual(['held.json']);
  });

  it('is finished by the next write after a crash in the middle of one', async () => {
    mkdirSync(folder);
    writeFileSync(`${path}.tmp`, '{"version":1,"gr');
    chmodSync(`${path}.tmp`, 0o600);
    await open().update(() => full);
    expect(readdirSync(folder)).toEqual(['held.json']);
    expect(await open().read()).toEqual(full);
  });
});
