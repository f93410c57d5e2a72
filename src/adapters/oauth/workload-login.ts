import { resolve } from 'node:path';
import { fail } from '../../core/errors.ts';
import type { Authorization, StoredSession } from '../../core/ports/session.ts';
import { type ConnectionOptions, openConnection } from './connection.ts';
import { decodeDpopKey, encodeDpopKey, generateDpopKey } from './dpop-key.ts';
import { judgeError } from './judge-error.ts';
import { mapLoginError } from './map-error.ts';
import { retryRedated } from './retry-redated.ts';
import { decodeTokens, type TokenResponse } from './tokens.ts';
import { readWorkloadToken } from './workload-token.ts';

const JWT_BEARER_GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

export type WorkloadLoginOptions = Parameters<Authorization['workloadLogin']>[0];

/** Exchanges a workload's token (RFC 7523 §2.1); the contract is `Authorization.workloadLogin`. */
export async function loginAsWorkload(
  connecting: ConnectionOptions,
  { tokenFile: file, dpopKey }: WorkloadLoginOptions,
): Promise<StoredSession> {
  const { server, clock } = connecting;
  const tokenFile = resolve(file);
  const assertion = await readWorkloadToken(tokenFile);
  try {
    const { client, configuration, createProofs } = await openConnection(connecting);
    if (!configuration.serverMetadata().grant_types_supported?.includes(JWT_BEARER_GRANT))
      throw fail('login_not_offered', { server, way: 'workload' });
    const pair = dpopKey ? await decodeDpopKey(dpopKey) : await generateDpopKey(client);
    const DPoP = createProofs(pair);
    const parameters = { assertion: assertion.reveal() };
    const response: TokenResponse = await retryRedated(() =>
      client.genericGrantRequest(configuration, JWT_BEARER_GRANT, parameters, { DPoP }),
    );
    const way = { kind: 'workload', tokenFile } as const;
    const rest = { server, name: '', way, dpopKey: dpopKey ?? (await encodeDpopKey(pair)) };
    return decodeTokens(response, { rest, now: clock.now() });
  } catch (error) {
    throw mapWorkloadError(error, server);
  }
}

function mapWorkloadError(error: unknown, server: string): Error {
  const trouble = judgeError(error);
  const isRefused = trouble.kind === 'refused' && trouble.error === 'invalid_grant';
  if (!isRefused) return mapLoginError(error, server);
  return fail('workload_refused', { server, why: trouble.description || 'it does not say why' });
}
