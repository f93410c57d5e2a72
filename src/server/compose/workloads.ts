import { createOutgoing } from '../../adapters/outgoing/outgoing.ts';
import type { ServerConfig } from '../../core/config.ts';
import { ISSUER_ANSWER_BYTES, ISSUER_TIMEOUT_MS } from '../../core/limits.ts';
import type { WorkloadParts } from '../oauth/workloads/exchange.ts';

/** The workloads of the configuration, and how their issuers are asked for keys; null where there are none. */
export function openWorkloads({ identity, outgoingAllow: allow }: ServerConfig): WorkloadParts | null {
  const { workloads: rules } = identity;
  if (rules.length === 0) return null;
  const limits = { allow, timeoutMs: ISSUER_TIMEOUT_MS, maxBodyBytes: ISSUER_ANSWER_BYTES };
  return { rules, createOutgoing: (urls) => createOutgoing({ urls, ...limits }) };
}
