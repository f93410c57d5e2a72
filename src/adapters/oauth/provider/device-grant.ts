import type { JitError } from '../../../core/errors.ts';
import type { Clock } from '../../../core/ports/clock.ts';
import type { DevicePrompt } from '../../../core/ports/session.ts';
import { SECOND_MS } from '../../../core/time.ts';
import type { Connection } from '../connection.ts';
import { decodeDeviceResponse } from '../device-prompt.ts';
import type { CryptoKeyPair } from '../openid-client.ts';
import { pollUntilConfirmed } from '../poll.ts';
import { DEVICE_GRANT } from './ways.ts';

export type DeviceGrant = {
  readonly clock: Clock;
  /** Besides the code and the client: `scope`, `resource`, `authorization_details`. */
  readonly parameters: Readonly<Record<string, string>>;
  /** What `resource` is also said with at the token endpoint (RFC 8707 §2.2). */
  readonly tokenParameters: Readonly<Record<string, string>>;
  readonly pair: CryptoKeyPair | undefined;
  readonly show: (prompt: DevicePrompt) => void;
  readonly signal: AbortSignal;
  readonly mapError?: ((error: unknown, issuer: string) => JitError) | undefined;
};

export type DeviceAnswer = Awaited<ReturnType<Connection['client']['genericGrantRequest']>>;

/** RFC 8628 from code to tokens, as a provider of anybody's has it. */
export async function runDeviceGrant(connection: Connection, grant: DeviceGrant): Promise<DeviceAnswer> {
  const { client, configuration } = connection;
  const { issuer } = configuration.serverMetadata();
  const { clock, signal, mapError } = grant;
  const answer = await client.initiateDeviceAuthorization(configuration, { ...grant.parameters });
  const { deviceCode, prompt, intervalSeconds } = decodeDeviceResponse(answer, issuer);
  const endsAtMonotonicMs = clock.monotonicMs() + prompt.expiresInSeconds * SECOND_MS;
  grant.show(prompt);
  const proofs = grant.pair ? { DPoP: connection.createProofs(grant.pair) } : undefined;
  const parameters = { device_code: deviceCode, ...grant.tokenParameters };
  return pollUntilConfirmed({
    ask: () => client.genericGrantRequest(configuration, DEVICE_GRANT, parameters, proofs),
    clock,
    server: issuer,
    intervalSeconds,
    endsAtMonotonicMs,
    signal,
    mapError,
  });
}
