import { createSystemClock } from '../../adapters/clock.ts';
import type { KeysOrder, World } from '../../cli/world.ts';
import type { KeyView, Rotation } from '../../core/server-keys.ts';
import { listKeysOnce, rotateKeysOnce } from '../../server/compose/keys-once.ts';
import { doOrOrder } from './beside.ts';
import { configureEmbedded, readConfiguration } from './configuration.ts';
import { nameOperator } from './operator.ts';

export type KeysParts = KeysOrder & {
  readonly world: World;
  readonly environment: Readonly<Record<string, string | undefined>>;
};

/** `jit server keys list`. */
export async function listServerKeys(parts: KeysParts): Promise<readonly KeyView[]> {
  const { uses } = parts;
  const options = await readOptions(parts);
  return await doOrOrder(options.config, { do: 'list_keys', uses }, () => listKeysOnce(options, uses));
}

/** `jit server keys rotate`, in the name of who runs it on this machine. */
export async function rotateServerKeys(parts: KeysParts): Promise<Rotation> {
  const options = await readOptions(parts);
  const order = { uses: parts.uses, actor: nameOperator() };
  return await doOrOrder(options.config, { do: 'rotate_keys', ...order }, () =>
    rotateKeysOnce(options, order),
  );
}

async function readOptions({ world, environment, config: path }: KeysParts) {
  const { config } =
    path === undefined ? await configureEmbedded(world) : await readConfiguration(path, { environment });
  const onError = (error: unknown): void =>
    world.terminal.tell(`! ${error instanceof Error ? error.message : 'unknown'}`);
  return { config, clock: createSystemClock(), onError };
}
