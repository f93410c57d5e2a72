import * as v from 'valibot';
import type { LimitsConfig, OwnLimits } from '../config.ts';
import { DEFAULT_LIMITS } from './default.ts';
import * as field from './fields.ts';

const COUNT = 'must be a whole number from 1 to 1000000';

function most(fallback: number) {
  return v.optional(
    v.pipe(v.number(COUNT), v.integer(COUNT), v.minValue(1, COUNT), v.maxValue(1_000_000, COUNT)),
    fallback,
  );
}

function own(fallback: OwnLimits) {
  return {
    pending: most(fallback.openRequests),
    live: most(fallback.liveGrants),
    requests_per_minute: most(fallback.callsPerMinute),
  };
}

/** `limits`: how much people may have and ask for, and `workloads` apart. */
export const limits = v.pipe(
  field.mapping,
  field.settings({
    ...own(DEFAULT_LIMITS.people),
    workloads: v.optional(v.pipe(field.mapping, field.settings(own(DEFAULT_LIMITS.workloads))), {}),
  }),
);

type LimitsFile = v.InferOutput<typeof limits>;

export function buildLimits({ workloads, ...people }: LimitsFile): LimitsConfig {
  return { people: buildOwn(people), workloads: buildOwn(workloads) };
}

function buildOwn(limits: LimitsFile['workloads']): OwnLimits {
  return {
    openRequests: limits.pending,
    liveGrants: limits.live,
    callsPerMinute: limits.requests_per_minute,
  };
}
