import assert from 'node:assert/strict';
import { protocolRemovalSuite } from './protocol/removal-suite.ts';
import { ENTRY, type OpenProtocol, onProtocol } from './protocol/subject.ts';
import type { SuiteRunner } from './suite.ts';

export type { OpenProtocol } from './protocol/subject.ts';

const CALLERS = 50;

/** The contract of `ProtocolStore`. `open` gives a new, empty one at every call; the suite closes it. */
export function protocolStoreSuite(runner: SuiteRunner, open: OpenProtocol): void {
  entrySuite(runner, open);
  onceSuite(runner, open);
  firstWordSuite(runner, open);
  turnSuite(runner, open);
  protocolRemovalSuite(runner, open);
}

function entrySuite({ test }: SuiteRunner, open: OpenProtocol): void {
  test(
    'an entry is found as it was put, by its id, its user code and its uid, and only within its kind',
    onProtocol(open, async (protocol) => {
      await protocol.put({ ...ENTRY, userCode: 'BCDFGHJK', uid: 'uid-1' });
      const found = { payload: ENTRY.payload, consumedAt: null, expiresAt: 9_000 };
      assert.deepEqual(await protocol.find('DeviceCode', ENTRY.id), found);
      assert.deepEqual(await protocol.findByUserCode('DeviceCode', 'BCDFGHJK'), found);
      assert.deepEqual(await protocol.findByUid('DeviceCode', 'uid-1'), found);
      assert.equal(await protocol.find('Session', ENTRY.id), undefined);
      assert.equal(await protocol.findByUserCode('DeviceCode', ENTRY.id), undefined);
      assert.equal(await protocol.findByUid('Session', 'uid-1'), undefined);
      await protocol.put({ ...ENTRY, kind: 'Session', payload: {}, expiresAt: null });
      assert.deepEqual(await protocol.find('Session', ENTRY.id), {
        payload: {},
        consumedAt: null,
        expiresAt: null,
      });
    }),
  );

  test(
    'putting again replaces what is kept',
    onProtocol(open, async (protocol) => {
      await protocol.put({ ...ENTRY, userCode: 'BCDFGHJK' });
      await protocol.put({ ...ENTRY, payload: { accountId: 'bert' }, expiresAt: 12_000 });
      const found = await protocol.find('DeviceCode', ENTRY.id);
      assert.deepEqual(found, { payload: { accountId: 'bert' }, consumedAt: null, expiresAt: 12_000 });
      assert.equal(await protocol.findByUserCode('DeviceCode', 'BCDFGHJK'), undefined);
    }),
  );
}

function onceSuite({ test }: SuiteRunner, open: OpenProtocol): void {
  test(
    'DEV-15: of 50 callers who consume one code at once one succeeds, and nobody after',
    onProtocol(open, async (protocol) => {
      await protocol.put(ENTRY);
      const results = await atOnce((caller) => protocol.consume('DeviceCode', ENTRY.id, 1_000 + caller));
      assert.equal(results.filter(Boolean).length, 1);
      const consumedAt = 1_000 + results.indexOf(true);
      assert.equal((await protocol.find('DeviceCode', ENTRY.id))?.consumedAt, consumedAt);
      await protocol.put(ENTRY);
      assert.equal(
        (await protocol.find('DeviceCode', ENTRY.id))?.consumedAt,
        consumedAt,
        'put keeps it consumed',
      );
      assert.equal(await protocol.consume('DeviceCode', ENTRY.id, 5_000), false);
      assert.equal(await protocol.consume('DeviceCode', 'unknown', 5_000), false);
    }),
  );

  test(
    'TOK-03: of 50 uses of one proof one is the first, also when the first is past its time',
    onProtocol(open, async (protocol) => {
      const proof = { kind: 'ReplayDetection', id: 'jti-1', expiresAt: 2_000 };
      const results = await atOnce((caller) => protocol.insertOnce({ ...proof, expiresAt: 2_000 + caller }));
      assert.equal(results.filter(Boolean).length, 1);
      assert.equal((await protocol.find(proof.kind, proof.id))?.expiresAt, 2_000 + results.indexOf(true));
      assert.equal(await protocol.insertOnce({ ...proof, id: 'jti-2' }), true);
      assert.equal(await protocol.insertOnce({ ...proof, kind: 'Other' }), true);
      const brief = { ...proof, id: 'jti-3', isBrief: true } as const;
      const uses = await atOnce((caller) =>
        protocol.insertOnce(caller % 2 === 0 ? brief : { ...proof, id: brief.id }),
      );
      assert.equal(uses.filter(Boolean).length, 1);
      assert.equal(await protocol.insertOnce(brief), false);
    }),
  );
}

function firstWordSuite({ test }: SuiteRunner, open: OpenProtocol): void {
  test(
    'of 50 who say different things of one id the first is heard, by all the others at once',
    onProtocol(open, async (protocol) => {
      const word = { kind: 'JitAssertion', id: 'issuer\njti-1', expiresAt: 9_000 };
      const heard = await atOnce(async (caller) => {
        const payload = { jkt: `key ${caller}` };
        if (await protocol.insertOnce({ ...word, payload })) return payload;
        return (await protocol.find(word.kind, word.id))?.payload;
      });
      assert.equal(typeof heard[0]?.jkt, 'string');
      for (const payload of heard) assert.deepEqual(payload, heard[0]);
    }),
  );
}

function turnSuite({ test }: SuiteRunner, open: OpenProtocol): void {
  const poll = { kind: 'DeviceCode', id: ENTRY.id, intervalMs: 5_000 };

  test(
    'DEV-16: of 50 polls at once one has its turn, the first may come at once, the next after the interval',
    onProtocol(open, async (protocol) => {
      await protocol.put(ENTRY);
      const turns = await atOnce(() => protocol.takeTurn({ ...poll, now: 1_000 }));
      assert.equal(turns.filter((turn) => turn === 'turn').length, 1);
      assert.equal(turns.filter((turn) => turn === 'too_soon').length, CALLERS - 1);
      assert.equal(await protocol.takeTurn({ ...poll, now: 5_999 }), 'too_soon');
      await protocol.put(ENTRY);
      assert.equal(await protocol.takeTurn({ ...poll, now: 5_999 }), 'too_soon', 'put gives no turn back');
      assert.equal(await protocol.takeTurn({ ...poll, now: 6_000 }), 'turn');
      assert.equal(await protocol.takeTurn({ ...poll, now: 10_999 }), 'too_soon');
    }),
  );

  test(
    'a poll for what is not there is unknown',
    onProtocol(open, async (protocol) => {
      await protocol.put({ ...ENTRY, kind: 'Session' });
      assert.equal(await protocol.takeTurn({ ...poll, now: 1_000 }), 'unknown');
    }),
  );
}

async function atOnce<T>(action: (caller: number) => Promise<T>): Promise<readonly T[]> {
  return await Promise.all(Array.from({ length: CALLERS }, (_, caller) => action(caller)));
}
