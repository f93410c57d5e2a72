import { beforeAll, expect, it } from 'vitest';
import { logIn } from '../../../support/databases/postgres.ts';
import { describeEachServer } from './fixture.ts';

const WRITE = 'prod:db.write';

type Body = () => Promise<void>;

await describeEachServer({ name: 'what would outlive a grant' }, (server, open) => {
  // What a version cannot do is no test of it, rather than one that is skipped.
  const itFrom16 = (name: string, body: Body): void => {
    if (server.major >= 16) it(name, body);
  };
  const itBefore16 = (name: string, body: Body): void => {
    if (server.major < 16) it(name, body);
  };

  beforeAll(async () => {
    await server.sql('CREATE ROLE outsider LOGIN; GRANT USAGE ON SCHEMA public TO outsider');
    await server.sql('GRANT CREATE ON SCHEMA public TO orders_writer');
  });

  itFrom16(
    'S6: a prepared role lends what it may do and cannot be become, so nothing is made in its name',
    async () => {
      const fixture = open();
      const session = await logIn(await fixture.issue());
      await session.sql("UPDATE orders SET status = 'paid' WHERE id = 1");
      await expect(session.sql('SET ROLE orders_writer')).rejects.toThrow(/permission denied to set role/);
      await session.sql('CREATE VIEW door AS SELECT * FROM orders; GRANT SELECT ON door TO outsider');
      const giving = session.sql('ALTER VIEW door OWNER TO orders_writer');
      await expect(giving).rejects.toThrow(/must be able to SET ROLE "orders_writer"/);
      await fixture.remove();
    },
  );

  it("S6: a view that showed its maker's rows to others shows them what they may see themselves", async () => {
    const fixture = open();
    const session = await logIn(await fixture.issue());
    await session.sql('CREATE VIEW "win;dow" AS SELECT * FROM orders; GRANT SELECT ON "win;dow" TO outsider');
    const look = (role: string) => server.sql(`SET ROLE ${role}; SELECT FROM "win;dow" LIMIT 1`);
    await look('outsider');
    await fixture.remove();
    await expect(look('outsider')).rejects.toThrow(/permission denied for table orders/);
    await look('orders_writer');
  });

  itFrom16('a prepared role cannot be become any more after a claim that is repeated', async () => {
    const fixture = open();
    const session = await logIn(await fixture.issue());
    await server.sql(`SET ROLE jit_admin; GRANT orders_writer TO ${fixture.handle} WITH SET TRUE`);
    await session.sql('SET ROLE orders_writer; RESET ROLE');
    await fixture.issue();
    await expect(session.sql('SET ROLE orders_writer')).rejects.toThrow(/permission denied to set role/);
    await fixture.remove();
  });

  itBefore16('a prepared role can be become before PostgreSQL 16, which has no such choice', async () => {
    const fixture = open();
    const session = await logIn(await fixture.issue([WRITE]));
    await session.sql('SET ROLE orders_writer');
    await fixture.remove();
  });
});
