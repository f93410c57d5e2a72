import { buildEvent, SYSTEM } from '../../broker/events.ts';
import type { Complaint } from '../../core/config/complaint.ts';
import type { ServerConfig } from '../../core/config.ts';
import { fail } from '../../core/errors.ts';
import { listFixedChanges } from '../reload/fixed.ts';
import { listLeftBehind } from '../reload/left-behind.ts';
import type { Turnover } from '../reload/turnover.ts';
import type { Ground } from './ground.ts';
import type { RunningServer, ServerOptions } from './options.ts';
import { openSite, type Site } from './site.ts';

export type Reloading = Pick<RunningServer, 'judge' | 'reload'> & {
  /** No other site takes the place from now on; one that is being opened is waited for. */
  readonly close: () => Promise<void>;
};

/** Puts another site in the place of the one that runs, one at a time and all or nothing. */
export function createReloading(ground: Ground, sites: Turnover<Site>): Reloading {
  let last: Promise<unknown> = Promise.resolve();
  let isClosed = false;
  const judge = async (after: ServerConfig): Promise<readonly Complaint[]> => {
    const before = sites.current().config;
    return [...listFixedChanges(before, after), ...(await listLeftBehind(ground.store, { before, after }))];
  };
  const run = async (change: Partial<ServerOptions>): Promise<void> => {
    if (isClosed) return;
    const before = sites.current();
    const options = { ...ground.options, config: before.config, ...change };
    requireNone(await judge(options.config));
    const next = await openNext(ground, before, options);
    if (isClosed) return await discard(next, before);
    await replaceSite(ground, sites, next);
  };
  return {
    judge,
    reload: (change) => {
      const running = last.then(() => run(change));
      last = running.catch(() => undefined);
      return running;
    },
    close: async () => {
      isClosed = true;
      await last;
    },
  };
}

function requireNone([first]: readonly Complaint[]): void {
  if (first) throw fail('config_invalid', { at: first.path.join('.'), why: first.why });
}

/**
 * Nothing was live at a target that is gone when it was looked, but whoever asked before may still be given something
 * there: its connector stays.
 */
function openNext(ground: Ground, before: Site, options: ServerOptions): Promise<Site> {
  const names = new Set(options.config.targets.map(({ name }) => name));
  const carried = new Map([...before.broker.connectors].filter(([name]) => !names.has(name)));
  return openSite(ground, { options, carried });
}

async function replaceSite(ground: Ground, sites: Turnover<Site>, next: Site): Promise<void> {
  const before = sites.current();
  try {
    await ground.store.commit({ event: describeChange(ground, before, next) });
  } catch (error) {
    await discard(next, before);
    throw error;
  }
  // Two of what runs by itself would do everything twice.
  const resting = before.rest().catch(ground.report('reload.failed'));
  sites.replace(next, async () => {
    await resting;
    await before.hush();
    await before.close(next);
  });
  next.begin();
  before.sendHome();
}

async function discard(next: Site, before: Site): Promise<void> {
  await next.hush();
  await next.close(before);
}

function describeChange({ ids, options: { clock } }: Ground, before: Site, next: Site) {
  const added = listNew(before, next);
  const removed = listNew(next, before);
  const detail = { policy_version: next.broker.policy.version, added, removed };
  return buildEvent({ ids, clock }, { kind: 'config.reloaded', actor: SYSTEM, detail });
}

/** Scopes and targets that only the second has. */
function listNew(first: Site, second: Site): readonly string[] {
  const list = ({ broker: { catalogue } }: Site) =>
    [...catalogue.scopes, ...catalogue.targets].map(({ name }) => name);
  const known = new Set(list(first));
  return list(second).filter((name) => !known.has(name));
}
