import type { PolicyEngine } from '../../src/core/ports/policy.ts';

let engine: Promise<PolicyEngine> | undefined;

/** One engine for all servers of a process that go by the sample policies: to open one takes longer than all the rest of a start. */
export function shareEngine(open: () => Promise<PolicyEngine>): Promise<PolicyEngine> {
  engine ??= open();
  return engine;
}
