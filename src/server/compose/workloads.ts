import { createOutgoing } from '../../adapters/outgoing/outgoing.ts';
import type { ServerConfig } from '../../core/config.ts';
import { SECOND_MS } from '../../core/time.ts';
import type { WorkloadParts } from '../oauth/workloads/exchange.ts';

/** A workload waits for each of these answers, and an issuer has no reason to take long. */
const TIMEOUT_MS = 5 * SECOND_MS;
const MAX_ANSWER_BYTES = 262_144;

/** The workloads of the configuration, and how their issuers are asked for keys; null where there are none. */
export function openWorkloads({ identity, outgoingAllow: allow }: ServerConfig): WorkloadParts | null {
  const { workloads: rules } = identity;
  if (rules.length === 0) return null;
  const limits = { allow, timeoutMs: TIMEOUT_MS, maxBodyBytes: MAX_ANSWER_BYTES };
  return { rules, createOutgoing: (urls) => createOutgoing({ urls, ...limits }) };
}
