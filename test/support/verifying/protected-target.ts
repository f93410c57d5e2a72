import { defaultServerConfig } from '../../../src/core/config/default.ts';
import type { TargetConfig } from '../../../src/core/config.ts';
import type { Claimed } from '../../../src/core/view.ts';
import { SERVICE_SECRET, type Someone } from '../programs/jit-server.ts';

/** The sample service's target, with tokens that differ from the usual ones; another service's beside it. */
export function buildServiceTargets(rules: Partial<TargetConfig> = {}) {
  const sample = defaultServerConfig({
    dataFolder: '/nowhere',
    timeZone: 'UTC',
    port: 1,
    ordersApiSecret: SERVICE_SECRET,
  });
  const [scope] = sample.scopes.filter(({ name }) => name === 'prod:api.read');
  if (!scope) throw new Error('the sample catalogue has no prod:api.read');
  const other: TargetConfig = { name: 'billing-api', kind: 'token', audience: BILLING, settings: {} };
  return {
    targets: [...sample.targets.map((target) => ({ ...target, ...rules })), other],
    scopes: sample.scopes.map((entry) =>
      entry.name === scope.name ? { ...entry, targets: [...entry.targets, other.name] } : entry,
    ),
    resourceServers: [
      ...sample.resourceServers,
      { name: 'billing-api', secret: SERVICE_SECRET, targets: ['billing-api'] },
    ],
  };
}

export const BILLING = 'https://billing-api.example.com';

/** Asks for the sample service's scope, which the sample policies grant at once. */
export async function claimService(someone: Someone, target = 'orders-api'): Promise<Claimed> {
  const { claimed } = await someone.backend.submit({
    scopes: ['prod:api.read'],
    target,
    durationSeconds: 600,
    reason: 'INC-4211 slow checkout',
    ticket: null,
    extendsGrantId: null,
    breakGlass: false,
    idempotencyKey: crypto.randomUUID(),
  });
  if (!claimed) throw new Error('the sample policies did not grant prod:api.read at once');
  return claimed;
}
