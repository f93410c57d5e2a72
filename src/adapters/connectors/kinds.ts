import type { ConnectorKind } from '../../core/config/connector-kind.ts';
import { execKind } from './exec/kind.ts';
import { mysqlKind } from './mysql/kind.ts';
import { postgresKind } from './postgres/kind.ts';
import { sshKind } from './ssh/kind.ts';
import { tokenKind } from './token/kind.ts';

/** Every kind of target: one line each. */
export const CONNECTOR_KINDS: readonly ConnectorKind[] = [
  tokenKind,
  postgresKind,
  mysqlKind,
  sshKind,
  execKind,
];
