import { createCompany } from '../../adapters/oauth/company/company.ts';
import { createOutgoing } from '../../adapters/outgoing/outgoing.ts';
import type { ServerConfig } from '../../core/config.ts';
import { COMPANY_ANSWER_BYTES, COMPANY_TIMEOUT_MS } from '../../core/limits.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Company } from '../../core/ports/company.ts';

/** The company's provider, where the configuration names one. Nothing is asked of it before somebody logs in. */
export function openCompany({
  config,
  clock,
}: {
  readonly config: ServerConfig;
  readonly clock: Clock;
}): Company | null {
  const provider = config.identity.company;
  if (!provider) return null;
  return createCompany({
    provider,
    clock,
    sessionSeconds: config.login.sessionSeconds,
    createOutgoing: (urls) =>
      createOutgoing({
        urls,
        allow: config.outgoingAllow,
        timeoutMs: COMPANY_TIMEOUT_MS,
        maxBodyBytes: COMPANY_ANSWER_BYTES,
      }),
  });
}
