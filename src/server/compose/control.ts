import { listenForOrders } from '../../adapters/control/listen.ts';
import { type ControlAnswers, type ControlOrder, findControlPath } from '../../core/control.ts';
import { decodeOrder } from '../../core/wire/control.ts';
import { listKeys } from '../keys/rotate.ts';
import { type Turnover, useHeld } from '../reload/turnover.ts';
import { confirmNow } from './confirm-restore.ts';
import type { Ground } from './ground.ts';
import { listAlgorithms, rotateNow } from './keys-once.ts';
import { lookAtTargets } from './reconcile-once.ts';
import type { Site } from './site.ts';

/**
 * A store in a file has one process at a time: what `jit server …` is asked for meanwhile, the server itself has to do. A
 * place where no socket can be is told of, and no reason not to start. Returns how to stop it.
 */
export async function openControl(
  ground: Ground,
  sites: Pick<Turnover<Site>, 'hold'>,
): Promise<() => Promise<void>> {
  const { store } = ground.options.config;
  if (store.kind !== 'sqlite') return async () => {};
  const onError = ground.report('control.failed');
  const answer = async (message: unknown): Promise<unknown> => {
    const order = decodeOrder(message);
    return await useHeld(sites, (site) => carryOut(ground, site, order));
  };
  try {
    return await listenForOrders({ path: findControlPath(store.path), answer, onError });
  } catch (error) {
    onError(error);
    return async () => {};
  }
}

async function carryOut(
  ground: Ground,
  { broker, config }: Site,
  order: ControlOrder,
): Promise<ControlAnswers[ControlOrder['do']]> {
  const { store, clock, ids } = broker;
  const keys = { store, clock, ids, secret: ground.secret, algorithms: listAlgorithms(config) };
  if (order.do === 'list_keys') return await listKeys(keys, order.uses);
  if (order.do === 'rotate_keys') return await rotateNow(keys, { ...order, config });
  const isApplied = order.do === 'reconcile' && order.apply;
  const found = await lookAtTargets({ ...broker, isHeld: ground.quarantine.isHeld }, isApplied);
  return order.do === 'reconcile' ? found : await confirmNow(broker, { found, by: order.by });
}
