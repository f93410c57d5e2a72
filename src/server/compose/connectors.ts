import { CONNECTOR_KINDS } from '../../adapters/connectors/kinds.ts';
import type { ConnectorKind, ConnectorParts } from '../../core/config/connector-kind.ts';
import type { TargetConfig } from '../../core/config.ts';
import { fail } from '../../core/errors.ts';
import type { Connector } from '../../core/ports/connector.ts';

/** By target name. */
export function openConnectors(
  targets: readonly TargetConfig[],
  {
    kinds = CONNECTOR_KINDS,
    ...parts
  }: ConnectorParts & { readonly kinds?: readonly ConnectorKind[] | undefined },
): ReadonlyMap<string, Connector> {
  const open = (target: TargetConfig): Connector =>
    openTarget(target, { parts, kind: kinds.find((candidate) => candidate.kind === target.kind) });
  return new Map(targets.map((target) => [target.name, open(target)]));
}

type Opening = { readonly parts: ConnectorParts; readonly kind: ConnectorKind | undefined };

function openTarget(target: TargetConfig, { parts, kind }: Opening): Connector {
  if (kind) return kind.open(target, parts);
  throw fail('config_invalid', { at: `targets.${target.name}.kind`, why: `there is no kind ${target.kind}` });
}
