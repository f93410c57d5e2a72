import { startSampleDatabase } from '../../../src/adapters/sample-database/start.ts';

/** Starts a sample database in the folder and on the port of its arguments, says so, and stays. */
const [folder = '', port = '0', kind = 'embedded'] = process.argv.slice(2);
const database = await startSampleDatabase({
  folder,
  port: Number(port),
  kinds: [kind === 'system' ? 'system' : 'embedded'],
});
console.log(JSON.stringify({ port: database?.port, superuser: database?.superuser }));
setInterval(() => {}, 60_000);
