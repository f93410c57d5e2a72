import type { Provider } from 'oidc-provider';
import { LONGEST_USER_CODE_CHARACTERS } from '../../../core/limits.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { ProtocolStore } from '../../../core/ports/protocol-store.ts';
import type { LoginDemand } from '../../../core/step-up.ts';
import { type Instant, SECOND_MS } from '../../../core/time.ts';
import { SESSION_SCOPES } from '../client.ts';
import type { RecordSessionEvent } from '../events.ts';
import { readLoginDemand } from './demand.ts';
import { claimDecision, findWaitingCode, putAnswer, type WaitingCode } from './device-codes.ts';

/** What the person is asked to confirm (DEV-12). Program, host and purpose are the client's own words. */
export type PendingDevice = {
  readonly userCode: string;
  readonly program: string;
  readonly host: string | null;
  readonly purpose: string | null;
  /** Where the request came from, as this server saw it. */
  readonly address: string;
  readonly startedAt: Instant;
  readonly expiresAt: Instant;
  /** The login that the client asked for (RFC 9470); null: any. */
  readonly demand: LoginDemand | null;
};

export type DeviceDecision = {
  readonly userCode: string;
  readonly decision: 'approve' | 'deny';
  /** Who decides: the person logged in at the page. */
  readonly subject: string;
  /** When that person proved who they are. */
  readonly authenticatedAt: Instant;
  /** What with: `acr` and `amr` values. */
  readonly strengths: readonly string[];
};

/** The server's half of a device login that is not polling: a person looks at a code and says yes or no. */
export interface DeviceLogin {
  /** Undefined alike for a code that is wrong, used, decided or expired (DEV-10). */
  find(userCode: string): Promise<PendingDevice | undefined>;
  /** True for exactly one caller per code; the others change nothing. */
  decide(decision: DeviceDecision): Promise<boolean>;
}

/** Letters alone, in upper case: `bcdf ghjk`, `BCDF-GHJK` and `BcDfGhJk` are the same code (DEV-13). */
export function normaliseUserCode(text: string): string {
  return text
    .slice(0, LONGEST_USER_CODE_CHARACTERS)
    .replaceAll(/[^a-z]/gi, '')
    .toUpperCase();
}

/** `BCDF-GHJK`: as people are shown it. */
export function formatUserCode(text: string): string {
  const code = normaliseUserCode(text);
  return code.length > 4 ? `${code.slice(0, 4)}-${code.slice(4)}` : code;
}

export function createDeviceLogin(options: {
  readonly provider: Provider;
  readonly protocol: ProtocolStore;
  readonly clock: Clock;
  readonly onEvent: RecordSessionEvent;
}): DeviceLogin {
  const { provider, protocol, clock, onEvent } = options;
  const findWaiting = (userCode: string) =>
    findWaitingCode(protocol, normaliseUserCode(userCode), clock.now());
  return {
    async find(userCode) {
      const code = await findWaiting(userCode);
      return code && describe(code, userCode);
    },
    async decide(decision) {
      const code = await findWaiting(decision.userCode);
      if (!code || !(await claimDecision(protocol, code))) return false;
      if (decision.decision === 'approve') await approve({ provider, protocol, code, decision });
      else await deny({ protocol, code, decision, onEvent });
      return true;
    },
  };
}

async function deny(denial: {
  readonly protocol: ProtocolStore;
  readonly code: WaitingCode;
  readonly decision: DeviceDecision;
  readonly onEvent: RecordSessionEvent;
}): Promise<void> {
  const { protocol, code, decision, onEvent } = denial;
  await putAnswer(protocol, code, { error: 'access_denied', errorDescription: 'denied in the browser' });
  const { subject } = decision;
  await onEvent({
    kind: 'session.refused',
    subject,
    sessionId: null,
    detail: { because: 'denied in the browser', address: readText(code.device.address, null) },
  });
}

async function approve(approval: {
  readonly provider: Provider;
  readonly protocol: ProtocolStore;
  readonly code: WaitingCode;
  readonly decision: DeviceDecision;
}): Promise<void> {
  const { provider, protocol, code, decision } = approval;
  const asked = readText(code.params.scope, '').split(' ');
  const scope = SESSION_SCOPES.filter((name) => asked.includes(name)).join(' ');
  const grant = new provider.Grant({ accountId: decision.subject, clientId: code.clientId });
  grant.addOIDCScope(scope);
  await putAnswer(protocol, code, {
    accountId: decision.subject,
    grantId: await grant.save(),
    scope,
    authTime: Math.floor(decision.authenticatedAt / SECOND_MS),
    amr: decision.strengths,
  });
}

function describe(code: WaitingCode, userCode: string): PendingDevice {
  return {
    userCode: formatUserCode(userCode),
    program: readText(code.params.jit_program, code.clientId),
    host: readText(code.params.jit_host, null),
    purpose: readText(code.params.jit_purpose, null),
    address: readText(code.device.address, 'unknown'),
    startedAt: code.startedAt,
    expiresAt: code.expiresAt,
    demand: readLoginDemand(code.params),
  };
}

function readText<T>(value: unknown, otherwise: T): string | T {
  return typeof value === 'string' && value !== '' ? value : otherwise;
}
