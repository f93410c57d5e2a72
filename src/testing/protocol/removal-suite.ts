import assert from 'node:assert/strict';
import type { ProtocolEntry } from '../../core/ports/protocol-store.ts';
import type { SuiteRunner } from '../suite.ts';
import { ENTRY, type OpenProtocol, onProtocol } from './subject.ts';

/** What is gone is gone, and does not come back by somebody who still saw it. */
export function protocolRemovalSuite(runner: SuiteRunner, open: OpenProtocol): void {
  removalSuite(runner, open);
  expirySuite(runner, open);
  replaceSuite(runner, open);
}

function removalSuite({ test }: SuiteRunner, open: OpenProtocol): void {
  test(
    'what is removed is gone, alone or with all of its grant, its account or its time',
    onProtocol(open, async (protocol) => {
      const token = (id: string, rest: Partial<ProtocolEntry>) =>
        protocol.put({ kind: 'RefreshToken', id, payload: {}, expiresAt: null, ...rest });
      await token('alone', {});
      await token('alone', { kind: 'Session' });
      await token('granted', { grantId: 'g1' });
      await token('granted', { kind: 'AccessToken', grantId: 'g1' });
      await token('other grant', { grantId: 'g2' });
      await token('anna', { payload: { accountId: 'anna' } });
      await token('anna', { kind: 'Session', payload: { accountId: 'anna' } });
      await token('bert', { payload: { accountId: 'bert' } });
      await token('expired', { expiresAt: 5_000 });
      await token('not yet', { expiresAt: 5_001 });

      await protocol.remove('RefreshToken', 'alone');
      await protocol.remove('RefreshToken', 'was never there');
      await protocol.removeByGrant('g1');
      assert.deepEqual((await protocol.removeByAccount('anna')).toSorted(), ['RefreshToken', 'Session']);
      assert.deepEqual(await protocol.removeByAccount('anna'), []);
      assert.ok(await protocol.find('RefreshToken', 'expired'), 'found until it is removed');
      assert.equal(await protocol.removeExpired(5_000), 1);

      for (const id of ['alone', 'granted', 'anna', 'expired']) {
        assert.equal(await protocol.find('RefreshToken', id), undefined, id);
      }
      assert.equal(await protocol.find('AccessToken', 'granted'), undefined);
      assert.equal(await protocol.find('Session', 'anna'), undefined);
      for (const id of ['other grant', 'bert', 'not yet'])
        assert.ok(await protocol.find('RefreshToken', id), id);
      assert.ok(await protocol.find('Session', 'alone'));
    }),
  );
}

function expirySuite({ test }: SuiteRunner, open: OpenProtocol): void {
  test(
    'however many have expired, all of them are removed, those of one moment too, and nobody else',
    onProtocol(open, async (protocol) => {
      const put = (id: string, expiresAt: number | null) =>
        protocol.insertOnce({ kind: 'ReplayDetection', id, expiresAt, isBrief: true });
      const inTurn = Array.from({ length: 600 }, (_, at) => put(`proof ${at}`, 1_000 + at));
      const together = Array.from({ length: 600 }, (_, at) => put(`turn ${at}`, 1_300));
      await Promise.all([...inTurn, ...together, put('later', 5_001), put('for ever', null)]);
      assert.equal(await protocol.removeExpired(5_000), 1_200);
      assert.equal(await protocol.removeExpired(5_000), 0);
      for (const id of ['later', 'for ever']) assert.ok(await protocol.find('ReplayDetection', id), id);
    }),
  );
}

function replaceSuite({ test }: SuiteRunner, open: OpenProtocol): void {
  test(
    'what is there is replaced; what was removed meanwhile does not come back',
    onProtocol(open, async (protocol) => {
      const seen = { ...ENTRY, kind: 'JitWebSession', payload: { accountId: 'anna', seenAt: 2 } };
      assert.equal(await protocol.replace(seen), false);
      assert.equal(await protocol.find(seen.kind, seen.id), undefined);
      await protocol.put({ ...seen, payload: { accountId: 'anna', seenAt: 1 } });
      await protocol.put({ ...seen, kind: 'Session' });
      assert.equal(await protocol.replace({ ...seen, expiresAt: 12_000 }), true);
      const found = { payload: seen.payload, consumedAt: null, expiresAt: 12_000 };
      assert.deepEqual(await protocol.find(seen.kind, seen.id), found);
      assert.equal((await protocol.find('Session', seen.id))?.expiresAt, ENTRY.expiresAt);
      const [removed] = await Promise.all([protocol.removeByAccount('anna'), protocol.replace(seen)]);
      assert.equal(removed.length, 2);
      assert.equal(await protocol.find(seen.kind, seen.id), undefined);
    }),
  );

  test(
    'of a person who leaves nothing stays that is, or could become, a login of theirs',
    onProtocol(open, async (protocol) => {
      const payloads = {
        Session: { accountId: 'anna' },
        Grant: { accountId: 'anna' },
        RefreshToken: { accountId: 'anna' },
        AccessToken: { accountId: 'anna' },
        AuthorizationCode: { accountId: 'anna' },
        DeviceCode: { accountId: 'anna' },
        JitWebSession: { accountId: 'anna', startedAt: 1 },
        Interaction: { result: { login: { accountId: 'anna' } } },
        OtherInteraction: { session: { accountId: 'anna' }, result: { error: 'access_denied' } },
      };
      const entries = Object.entries(payloads);
      for (const [kind, payload] of entries) {
        await protocol.put({ kind, id: 'annas', payload, expiresAt: null });
        const berts = JSON.parse(JSON.stringify(payload).replaceAll('anna', 'bert'));
        await protocol.put({ kind, id: 'berts', payload: berts, expiresAt: null });
      }
      await protocol.put({ kind: 'Interaction', id: 'nobodys', payload: { result: null }, expiresAt: null });
      assert.deepEqual((await protocol.removeByAccount('anna')).toSorted(), Object.keys(payloads).toSorted());
      for (const [kind] of entries) {
        assert.equal(await protocol.find(kind, 'annas'), undefined, kind);
        assert.ok(await protocol.find(kind, 'berts'), kind);
      }
      assert.ok(await protocol.find('Interaction', 'nobodys'));
    }),
  );
}
