import * as v from 'valibot';
import type { OperationsConfig } from '../config.ts';
import { LOG_FORMATS, LOG_LEVELS } from '../ports/log.ts';
import { isLoopbackHost } from './address.ts';
import type { Complaint } from './complaint.ts';
import { DEFAULT_OPERATIONS } from './default.ts';
import * as field from './fields.ts';

/** With what it takes to end answers and to close, ten seconds in all. */
const LONGEST_DRAIN_SECONDS = 5;

const log = field.settings({
  format: v.optional(v.picklist(LOG_FORMATS)),
  level: v.optional(v.picklist(LOG_LEVELS), DEFAULT_OPERATIONS.log.level),
});

const metrics = field.settings({ listen: field.listen, token: v.optional(field.longSecret) });

/** How it is written in the file. */
export const operationsEntries = {
  log: v.optional(v.pipe(field.mapping, log), {}),
  metrics: v.optional(v.pipe(field.mapping, metrics)),
  drain: v.optional(
    v.pipe(field.duration, v.maxValue(LONGEST_DRAIN_SECONDS, `must be ${LONGEST_DRAIN_SECONDS}s at most`)),
  ),
};

type OperationsFile = v.InferOutput<v.StrictObjectSchema<typeof operationsEntries, undefined>>;

export function buildOperations(file: OperationsFile): OperationsConfig {
  return {
    log: { format: file.log.format ?? null, level: file.log.level },
    metrics: file.metrics ? { listen: file.metrics.listen, token: file.metrics.token ?? null } : null,
    drainSeconds: file.drain ?? DEFAULT_OPERATIONS.drainSeconds,
  };
}

/** Figures tell what is going on: beyond this machine, nobody reads them without a token. */
export function checkMetrics({ metrics: told }: Pick<OperationsFile, 'metrics'>): readonly Complaint[] {
  if (!told || told.token || isLoopbackHost(told.listen.host)) return [];
  return [{ path: ['metrics', 'token'], why: 'is missing: without one, listen on loopback only' }];
}
