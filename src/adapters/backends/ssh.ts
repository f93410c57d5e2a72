import type { Clock } from '../../core/ports/clock.ts';
import type { CertificateDesk } from '../../core/ports/ssh.ts';
import { routes } from '../../core/wire/routes.ts';
import { certificateAnswer, sshTargetsMessage } from '../../core/wire/ssh.ts';
import type { Caller } from './caller.ts';
import { limitTime } from './time-limit.ts';

/** A connection waits for it, with a person in front. */
const SIGN_LIMIT_MS = 5_000;

export type CertificateDeskOptions = {
  readonly call: Caller;
  readonly clock: Clock;
  readonly address: string;
};

/** Certificates of a jit server, over `/v1`. */
export function createCertificateDesk({ call, clock, address }: CertificateDeskOptions): CertificateDesk {
  return {
    listTargets: () => call({ method: 'GET', path: routes.sshTargets, schema: sshTargetsMessage }),
    sign: (grantId, publicKey) =>
      limitTime(
        (signal) =>
          call({
            method: 'POST',
            path: routes.sshCertificate(grantId),
            schema: certificateAnswer,
            body: { public_key: publicKey },
            signal,
          }),
        { clock, limitMs: SIGN_LIMIT_MS, address },
      ),
  };
}
