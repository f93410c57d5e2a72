import { expect, it } from 'vitest';
import { logIn } from '../../../support/databases/postgres.ts';
import { describeEachServer } from './fixture.ts';

await describeEachServer({ name: 'functions of a role that is removed' }, (server, open) => {
  it('S6: what ran with the rights of the grant runs with those of its caller afterwards', async () => {
    await server.sql('CREATE ROLE outsider LOGIN; GRANT USAGE ON SCHEMA public TO outsider');
    await server.sql('GRANT CREATE ON SCHEMA public TO orders_writer');
    await server.sql('GRANT CREATE ON DATABASE orders TO orders_writer');
    const fixture = open();
    const session = await logIn(await fixture.issue());
    await session.sql(`CREATE SCHEMA "we?ird""100%"; GRANT USAGE ON SCHEMA "we?ird""100%" TO PUBLIC`);
    const body = 'SECURITY DEFINER LANGUAGE sql AS $$ UPDATE public.orders SET id = id $$';
    await session.sql(`CREATE FUNCTION public.back_door() RETURNS void ${body}`);
    await session.sql(`CREATE FUNCTION "we?ird""100%"."b ack;"(int, text DEFAULT '') RETURNS void ${body}`);
    await session.sql(`CREATE PROCEDURE public.back_gate() ${body}`);
    await session.sql("CREATE FUNCTION public.harmless() RETURNS int LANGUAGE sql AS 'SELECT 7'");
    const calls = ['SELECT back_door()', 'SELECT "we?ird""100%"."b ack;"(1)', 'CALL back_gate()'];
    const asOutsider = (call: string) => server.sql(`SET ROLE outsider; ${call}`);
    for (const call of calls) await asOutsider(call);

    await fixture.remove();
    for (const call of calls) await expect(asOutsider(call)).rejects.toThrow(/permission denied for table/);
    const sql =
      "SELECT proname FROM pg_proc WHERE pg_has_role('orders_writer', proowner, 'USAGE') AND prosecdef";
    expect(await server.sql(sql)).toEqual([]);
    expect(await server.sql('SELECT harmless()')).toEqual([{ harmless: 7 }]);
  });
});
