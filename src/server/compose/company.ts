import { createCompany } from '../../adapters/oauth/company/company.ts';
import { createOutgoing } from '../../adapters/outgoing/outgoing.ts';
import type { ServerConfig } from '../../core/config.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Company } from '../../core/ports/company.ts';
import { SECOND_MS } from '../../core/time.ts';

/** A person waits in front of a browser for each of these answers. */
const TIMEOUT_MS = 5 * SECOND_MS;
const MAX_ANSWER_BYTES = 262_144;

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
        timeoutMs: TIMEOUT_MS,
        maxBodyBytes: MAX_ANSWER_BYTES,
      }),
  });
}
