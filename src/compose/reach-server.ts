import { createMemoryMetadataCache } from '../adapters/oauth/configuration.ts';
import { openConnection } from '../adapters/oauth/connection.ts';
import { createHttp } from '../adapters/oauth/http.ts';
import { mapSessionError } from '../adapters/oauth/map-error.ts';
import type { Clock } from '../core/ports/clock.ts';
import { CLIENT_ID } from './online.ts';

/** Asks the jit server for what it says of itself (RFC 8414), once; `unreachable`, or `bad_answer` where it is none. */
export async function reachServer(server: string, clock: Clock): Promise<void> {
  const connecting = {
    server,
    clock,
    http: createHttp(),
    clientId: CLIENT_ID,
    metadataCache: createMemoryMetadataCache(),
  };
  try {
    await openConnection(connecting);
  } catch (error) {
    throw mapSessionError(error, server);
  }
}
