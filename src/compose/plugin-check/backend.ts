import { fail, hasCode } from '../../core/errors.ts';
import type { PluginCheckOrder, TestResult } from '../../core/plugin-report.ts';
import type { ApprovalBackend } from '../../core/ports/backend.ts';
import type { Asked } from '../../core/request.ts';
import type { ScopeView } from '../../core/view.ts';
import { runSuite } from '../../plugin/run-suite.ts';
import { backendSuite } from '../../testing/backend.ts';
import { goOnlineByPlugin, type PluginOnlineOptions } from '../plugin-online.ts';

type Askable = { readonly automatic: Asked | null; readonly reviewed: Asked | null };

/** A plugin in the place of a server, asked for what it says that it gives. Each test has a process of its own. */
export async function checkBackend(
  options: PluginOnlineOptions,
  order: PluginCheckOrder,
): Promise<readonly TestResult[]> {
  const open = async (): Promise<{
    readonly backend: ApprovalBackend;
    readonly close: () => Promise<void>;
  }> => {
    const closers: (() => Promise<void>)[] = [];
    const { backend } = await goOnlineByPlugin({ ...options, onOpen: (close) => closers.push(close) });
    return { backend, close: async () => void (await Promise.all(closers.map((close) => close()))) };
  };
  const looking = await open();
  const askable = await findAskable(looking.backend, order).finally(looking.close);
  return runSuite({
    part: 'backend',
    onResult: order.onResult,
    register: (runner, skip) =>
      backendSuite(runner, async () => ({ ...(await open()), ...askable, skip, now: options.clock.now })),
  });
}

/** What was named, or else what the plugin's own list says. */
async function findAskable(backend: ApprovalBackend, order: PluginCheckOrder): Promise<Askable> {
  const { scope, reviewedScope, target } = order;
  const scopes = await listScopes(backend);
  const [automatic, reviewed] = [findOne(scopes, 'automatic'), findOne(scopes, 'needs_people')];
  const found: Askable = {
    automatic: scope === null ? automatic : build(scope, target ?? automatic?.target),
    reviewed: reviewedScope === null ? reviewed : build(reviewedScope, target ?? reviewed?.target),
  };
  if (found.automatic || found.reviewed) return found;
  throw fail('usage', { why: `${backend.address} lists nothing to ask for: name it with --scope and --on` });
}

async function listScopes(backend: ApprovalBackend): Promise<readonly ScopeView[]> {
  try {
    return await backend.listScopes();
  } catch (error) {
    if (hasCode(error, 'not_offered')) return [];
    throw error;
  }
}

function findOne(scopes: readonly ScopeView[], outcome: 'automatic' | 'needs_people'): Asked | null {
  for (const scope of scopes) {
    const target = scope.targets.find((one) => one.outcome === outcome);
    if (target) return build(scope.name, target.name);
  }
  return null;
}

function build(scope: string, target: string | undefined): Asked | null {
  if (target === undefined) return null;
  return {
    scopes: [scope],
    target,
    durationSeconds: 60,
    reason: 'jit plugin check tries this backend',
    ticket: null,
    extendsGrantId: null,
    breakGlass: false,
  };
}
