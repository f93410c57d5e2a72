import { CONNECTOR_KINDS } from '../../adapters/connectors/kinds.ts';
import type { ConnectorParts } from '../../core/config/connector-kind.ts';
import type { TargetConfig } from '../../core/config.ts';
import { fail } from '../../core/errors.ts';
import type { Connector } from '../../core/ports/connector.ts';

/** By target name. */
export function openConnectors(
  targets: readonly TargetConfig[],
  parts: ConnectorParts,
): ReadonlyMap<string, Connector> {
  return new Map(targets.map((target) => [target.name, openTarget(target, parts)]));
}

function openTarget(target: TargetConfig, parts: ConnectorParts): Connector {
  const kind = CONNECTOR_KINDS.find((candidate) => candidate.kind === target.kind);
  if (kind) return kind.open(target, parts);
  throw fail('config_invalid', { at: `targets.${target.name}.kind`, why: `there is no kind ${target.kind}` });
}
