import { createSystemClock } from '../../adapters/clock.ts';
import type { KeysOrder, World } from '../../cli/world.ts';
import { fail, hasCode } from '../../core/errors.ts';
import type { KeyView, Rotation } from '../../core/server-keys.ts';
import { listKeysOnce, rotateKeysOnce } from '../../server/compose/keys-once.ts';
import { configureEmbedded, readConfiguration } from './configuration.ts';
import { nameOperator } from './operator.ts';

export type KeysParts = KeysOrder & {
  readonly world: World;
  readonly environment: Readonly<Record<string, string | undefined>>;
};

/** `jit server keys list`. */
export async function listServerKeys(parts: KeysParts): Promise<readonly KeyView[]> {
  const options = await readOptions(parts);
  return await explain(options, () => listKeysOnce(options, parts.uses));
}

/** `jit server keys rotate`, in the name of who runs it on this machine. */
export async function rotateServerKeys(parts: KeysParts): Promise<Rotation> {
  const options = await readOptions(parts);
  const order = { uses: parts.uses, actor: nameOperator() };
  return await explain(options, () => rotateKeysOnce(options, order));
}

async function readOptions({ world, environment, config: path }: KeysParts) {
  const { config } =
    path === undefined ? await configureEmbedded(world) : await readConfiguration(path, { environment });
  const onError = (error: unknown): void =>
    world.terminal.tell(`! ${error instanceof Error ? error.message : 'unknown'}`);
  return { config, clock: createSystemClock(), onError };
}

/** A SQLite store has one process at a time. */
async function explain<T>(
  { config: { store } }: Awaited<ReturnType<typeof readOptions>>,
  action: () => Promise<T>,
): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!hasCode(error, 'store_in_use') || store.kind !== 'sqlite') throw error;
    throw fail('store_in_use', { path: store.path, isForAMoment: true });
  }
}
