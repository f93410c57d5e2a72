import { openPostgresConnector } from '../../adapters/connectors/postgres/open.ts';
import { openTokenConnector } from '../../adapters/connectors/token.ts';
import type { TargetConfig } from '../../core/config.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Connector } from '../../core/ports/connector.ts';

export type ConnectorParts = { readonly clock: Clock; readonly installation: string };

type Opener<K extends TargetConfig['kind']> = (
  target: Extract<TargetConfig, { readonly kind: K }>,
  parts: ConnectorParts,
) => Connector;

/** One line a kind. */
const OPENERS: { readonly [K in TargetConfig['kind']]: Opener<K> } = {
  token: (target) => openTokenConnector({ name: target.name }),
  postgres: (target, parts) =>
    openPostgresConnector({ ...target, owner: target.owner ?? undefined, ...parts }),
};

export function openConnectors(
  targets: readonly TargetConfig[],
  parts: ConnectorParts,
): ReadonlyMap<string, Connector> {
  return new Map(targets.map((target) => [target.name, openTarget(target, parts)]));
}

function openTarget<K extends TargetConfig['kind']>(
  target: Extract<TargetConfig, { readonly kind: K }>,
  parts: ConnectorParts,
): Connector {
  const open = OPENERS[target.kind] as Opener<K>;
  return open(target, parts);
}
