import type { Command } from 'commander';
import { KEY_USES, type KeyUse, type KeyView, type Rotation } from '../../core/server-keys.ts';
import { formatInstant } from '../../core/time.ts';
import type { CommandContext } from '../command.ts';
import { formatRows, printJson } from '../text/output.ts';
import type { World } from '../world.ts';

type Flags = { readonly config?: string; readonly json?: boolean };

/** `jit server keys`: what the server signs with. */
export function defineKeys(server: Command, { world }: CommandContext): void {
  const keys = server
    .command('keys')
    .description("the server's own keys: of tokens, cookies and checkpoints");
  keys
    .command('list')
    .description('every key that is trusted, or will be, and until when')
    .option('--config <file>', 'jit.yaml')
    .option('--json', 'one JSON document on stdout')
    .action(async (_: Flags, command: Command) => list(world, command.optsWithGlobals()));
  keys
    .command('rotate')
    .description('make new keys: published at once, signing after 90 s; no server is restarted')
    .addArgument(
      keys
        .createArgument('[which]', 'which keys')
        .choices([...KEY_USES, 'all'])
        .default('all'),
    )
    .option('--config <file>', 'jit.yaml')
    .option('--json', 'one JSON document on stdout')
    .action(async (which: KeyUse | 'all', _: Flags, command: Command) =>
      rotate(world, { which, flags: command.optsWithGlobals() }),
    );
}

async function list(world: World, flags: Flags): Promise<void> {
  const keys = await world.listServerKeys({ config: flags.config, uses: KEY_USES });
  if (flags.json) return printJson(world, { keys: keys.map(encodeKey) });
  const head = ['KEY', 'FOR', 'ALGORITHM', 'STATE', 'SIGNS FROM', 'TRUSTED UNTIL'];
  world.terminal.print(formatRows(world, [head, ...keys.map(describeKey)]));
}

async function rotate(
  world: World,
  { which, flags }: { readonly which: KeyUse | 'all'; readonly flags: Flags },
): Promise<void> {
  const uses = which === 'all' ? KEY_USES : [which];
  const rotation = await world.rotateServerKeys({ config: flags.config, uses });
  if (flags.json) printJson(world, encodeRotation(rotation));
  else for (const line of describeRotation(rotation)) world.terminal.print(line);
}

function encodeRotation({ made, waiting }: Rotation): object {
  return { made: made.map(encodeKey), waiting: waiting.map(encodeKey) };
}

function describeRotation({ made, waiting }: Rotation): readonly string[] {
  return [
    ...made.map(
      ({ use, algorithm, id, signsFrom }) =>
        `${use} ${algorithm}: ${id} is published, and signs from ${formatInstant(signsFrom)}`,
    ),
    ...waiting.map(
      ({ use, algorithm, id, signsFrom }) =>
        `${use} ${algorithm}: nothing made: ${id} waits already, and signs from ${formatInstant(signsFrom)}`,
    ),
  ];
}

function describeKey({ id, use, algorithm, state, signsFrom, verifiesUntil }: KeyView): readonly string[] {
  const since = signsFrom === 0 ? 'the beginning' : formatInstant(signsFrom);
  const until = verifiesUntil === null ? '-' : formatInstant(verifiesUntil);
  return [id, use, algorithm, state, since, until];
}

function encodeKey({ madeAt, signsFrom, verifiesUntil, ...key }: KeyView): object {
  return {
    ...key,
    made_at: madeAt === null ? null : formatInstant(madeAt),
    signs_from: signsFrom === 0 ? null : formatInstant(signsFrom),
    verifies_until: verifiesUntil === null ? null : formatInstant(verifiesUntil),
  };
}
