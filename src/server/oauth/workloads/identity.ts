import type { WorkloadRule } from '../../../core/config.ts';
import type { Principal } from '../../../core/principal.ts';
import type { Identity } from '../login/identity.ts';

const PREFIX = 'workload:';

export function buildWorkload({ principal, groups }: WorkloadRule): Principal {
  const subject = `${PREFIX}${principal}`;
  return { subject, name: principal, kind: 'workload', groups, person: subject };
}

/** People, and the workloads of the configuration: one that is no longer in it is no longer there. */
export function withWorkloads(people: Identity, rules: readonly WorkloadRule[]): Identity {
  const workloads = new Map(rules.map(buildWorkload).map((workload) => [workload.subject, workload]));
  return {
    find: async (subject) => (subject.startsWith(PREFIX) ? workloads.get(subject) : people.find(subject)),
  };
}
