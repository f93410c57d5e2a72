import { CONNECTOR_KINDS } from '../../adapters/connectors/kinds.ts';
import type { ConnectorKind, ConnectorParts } from '../../core/config/connector-kind.ts';
import type { TargetConfig } from '../../core/config.ts';
import { fail } from '../../core/errors.ts';
import type { Connector } from '../../core/ports/connector.ts';

/** By target name. Where one cannot be opened, those that were are closed again: a configuration may be tried many times. */
export function openConnectors(
  targets: readonly TargetConfig[],
  {
    kinds = CONNECTOR_KINDS,
    ...parts
  }: ConnectorParts & { readonly kinds?: readonly ConnectorKind[] | undefined },
): ReadonlyMap<string, Connector> {
  const opened = new Map<string, Connector>();
  try {
    for (const target of targets) {
      const kind = kinds.find((candidate) => candidate.kind === target.kind);
      opened.set(target.name, openTarget(target, { parts, kind }));
    }
    return opened;
  } catch (error) {
    for (const connector of opened.values()) connector.close().catch(() => undefined);
    throw error;
  }
}

type Opening = { readonly parts: ConnectorParts; readonly kind: ConnectorKind | undefined };

function openTarget(target: TargetConfig, { parts, kind }: Opening): Connector {
  if (kind) return kind.open(target, parts);
  throw fail('config_invalid', { at: `targets.${target.name}.kind`, why: `there is no kind ${target.kind}` });
}
