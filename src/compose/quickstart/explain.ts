import { join } from 'node:path';
import type { World } from '../../cli/world.ts';
import type { Stage } from './stage.ts';

export type Explained = {
  readonly stage: Pick<Stage, 'pin' | 'database'> & {
    readonly server: { readonly url: string };
    readonly service: { readonly url: string };
  };
  /** What to add to each command; empty where this is the only server that the machine knows. */
  readonly profile: string;
  /** Where the quickstart keeps its data. */
  readonly folder: string;
};

const PEOPLE = [
  ['dev', 'asks: reads are granted at once, writes wait for somebody'],
  ['dba-lead', 'reviews what waits'],
  ['on-call', 'asks, and may use --break-glass'],
] as const;

/** What runs now, and what to type in a second terminal and in a third. */
export function explain({ terminal }: Pick<World, 'terminal'>, explained: Explained): void {
  const { stage, profile, folder } = explained;
  const { tell, paint } = terminal;
  const command = (text: string, what: string): void =>
    tell(`  ${paint.strong(text.padEnd(72))} ${paint.dim(what)}`.trimEnd());
  tell(`${paint.good('✔')} the approval server is on ${paint.accent(stage.server.url)}`);
  tell(`  the PIN is ${paint.strong(stage.pin.reveal())}, and with it you log in as`);
  for (const [name, what] of PEOPLE) tell(`    ${paint.strong(name.padEnd(8))}  ${what}`);
  if (!stage.database)
    tell(`${paint.warn('!')} no PostgreSQL was found: only the sample service is here to ask for`);
  tell('');
  tell('Now, in a second terminal, in this folder:');
  command(`npx jit login${profile}`, 'confirm the code in the browser');
  if (stage.database) {
    command(`npx jit request prod:db.read --for 30m --reason "trying jit out"${profile}`, 'granted at once');
    command(
      `npx jit exec${profile} -- psql -c 'select count(*) from orders'`,
      'without psql: -- node examples/query.js "select …"',
    );
    command(
      `npx jit request prod:db.write --for 15m --reason "a small change"${profile}`,
      'stays pending: people decide',
    );
  }
  command(
    `npx jit request prod:api.read --for 30m --reason "trying jit out"${profile}`,
    'a token for a service',
  );
  command(
    `npx jit exec --on orders-api${profile} -- sh -c 'curl -sH "Authorization: Bearer $JIT_TOKEN" ${stage.service.url}'`,
    '',
  );
  command(`npx jit status${profile}`, '');
  command(`npx jit done${profile}`, 'gives it all back');
  tell('');
  tell('And as a reviewer, in a third, with a home of its own:');
  const home = join(folder, 'dba-lead');
  command(`export JIT_CONFIG_DIR=${quote(join(home, 'config'))}`, '');
  command(`export JIT_STATE_DIR=${quote(join(home, 'state'))} JIT_KEYCHAIN=file`, '');
  command(`npx jit login ${stage.server.url}`, 'as dba-lead; the passphrase is yours to choose');
  command('npx jit inbox', 'what waits for an answer');
  tell('');
  tell(paint.dim('Ctrl-C here stops everything.'));
}

/** For a shell, wherever the folder lies. */
function quote(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
