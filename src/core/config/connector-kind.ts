import type * as v from 'valibot';
import type { TargetConfig } from '../config.ts';
import type { Clock } from '../ports/clock.ts';
import type { Connector } from '../ports/connector.ts';
import type { Scope } from '../scope.ts';
import type { Secret } from '../secret.ts';
import type { Complaint } from './complaint.ts';

/** What every connector is opened with, whatever its kind. */
export type ConnectorParts = {
  readonly clock: Clock;
  /** Eight characters of `[a-z0-9]`, in every name that is made: nothing of another installation is ever touched. */
  readonly installation: string;
  /**
   * A secret of the target's own, under a name that no other target uses: the first caller's `make` wins, for every
   * replica and for ever. It rests sealed in the server's store.
   */
  readonly readSecret: (name: string, make: () => Secret) => Promise<Secret>;
  /**
   * What the secret was, becomes what it shall be; false where it is another by now, and nothing is written. Durable when it
   * resolves.
   */
  readonly replaceSecret: (name: string, change: SecretChange) => Promise<boolean>;
};

export type SecretChange = {
  readonly before: Secret;
  readonly after: Secret;
  /** The account whose password it is from then on: that is put on record with it. */
  readonly rotated?: { readonly target: string; readonly account: string };
};

/**
 * A kind of target: what it is told in the configuration, and how it is opened. This is all that the rest of jit knows
 * of it, so that a new kind is a file of its own and a line in `adapters/connectors/kinds.ts`.
 */
export type ConnectorKind = {
  readonly kind: string;
  /** The settings of a target of this kind, besides `kind` and `audience`. */
  readonly entries: v.ObjectEntries;
  /** What is wrong between the settings and the scopes that cover the target; paths begin at the target. */
  check(settings: TargetConfig['settings'], covering: readonly Scope[]): readonly Complaint[];
  /** What is wrong between the settings of a target and those of the others of its kind. */
  checkBeside(
    settings: TargetConfig['settings'],
    others: readonly TargetConfig['settings'][],
  ): readonly Complaint[];
  /** Settings that hold a secret as they are written: no such file may be read by others (I5). */
  listSecrets(settings: TargetConfig['settings']): readonly (readonly string[])[];
  open(target: TargetConfig, parts: ConnectorParts): Connector;
};

type SettingsOf<E extends v.ObjectEntries> = v.InferOutput<v.StrictObjectSchema<E, undefined>>;

/** A kind, with its settings typed as its schema reads them. */
export function defineConnectorKind<const E extends v.ObjectEntries>(kind: {
  readonly kind: string;
  readonly entries: E;
  check?(settings: SettingsOf<E>, covering: readonly Scope[]): readonly Complaint[];
  checkBeside?(settings: SettingsOf<E>, others: readonly SettingsOf<E>[]): readonly Complaint[];
  listSecrets?(settings: SettingsOf<E>): readonly (readonly string[])[];
  open(
    target: Omit<TargetConfig, 'settings'> & { readonly settings: SettingsOf<E> },
    parts: ConnectorParts,
  ): Connector;
}): ConnectorKind {
  return {
    kind: kind.kind,
    entries: kind.entries,
    check: (settings, covering) => kind.check?.(settings as SettingsOf<E>, covering) ?? [],
    checkBeside: (settings, others) =>
      kind.checkBeside?.(settings as SettingsOf<E>, others as readonly SettingsOf<E>[]) ?? [],
    listSecrets: (settings) => kind.listSecrets?.(settings as SettingsOf<E>) ?? [],
    open: (target, parts) => kind.open({ ...target, settings: target.settings as SettingsOf<E> }, parts),
  };
}
