import { expect, it } from 'vitest';
import { Secret } from '../../../../src/core/secret.ts';
import { logIn } from '../../../support/databases/mariadb.ts';
import { until } from '../../../support/until.ts';
import { describeMariaDb, SCOPES } from './fixture.ts';
import { openVanishingHost } from './vanishing-host.ts';

const ISSUE_MS = 3000;
const REMOVE_MS = 20_000;

await describeMariaDb(
  { name: 'a replica that vanishes in its turn at a user of MariaDB' },
  (server, open) => {
    it('S5: keeps nobody’s access, and its turn only for so long as its own deadline was', async () => {
      await using host = await openVanishingHost({ port: server.port, until: 'CREATE USER' });
      const fixture = open();
      const engineer = await logIn(await fixture.issue());
      const there = new URL(server.adminUrl.reveal());
      there.port = String(host.port);
      const vanishing = open({ url: new Secret(there.href) }).connector;
      const deadlineAt = Date.now() + ISSUE_MS;
      const order = { handle: fixture.handle, scopes: SCOPES, expiresAt: deadlineAt, deadlineAt };
      const issuing = expect(vanishing.issue(order)).rejects.toMatchObject({ code: 'target_failed' });
      await host.gone;

      const removing = fixture.remove(REMOVE_MS);
      await engineer.closed;
      // So it was before its turn that it ended the session, and that is what it waits for now.
      const waiting = "SELECT ID FROM information_schema.PROCESSLIST WHERE STATE = 'User lock'";
      await until('a removal that waits for its turn', async () => (await server.sql(waiting)).length > 0);
      expect(await removing).toBe(1);
      expect(await fixture.findTraces()).toEqual([]);
      await issuing;
    });
  },
);
