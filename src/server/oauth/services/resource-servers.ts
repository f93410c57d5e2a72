import { LONGEST_CREDENTIALS_CHARACTERS } from '../../../core/limits.ts';
import type { Secret } from '../../../core/secret.ts';
import { noteSubject } from '../../http/request-context.ts';
import { createTextCheck } from '../tokens/sealed-text.ts';

/** A service that receives grant tokens, and the targets whose tokens it may ask about. */
export type ResourceServer = {
  readonly name: string;
  readonly secret: Secret;
  readonly targets: readonly string[];
};

const BASIC = new RegExp(`^Basic +([A-Za-z0-9+/]{1,${LONGEST_CREDENTIALS_CHARACTERS}}={0,2})$`, 'i');

/** Who asks, by HTTP Basic (RFC 6749 §2.3.1); undefined when the name or the secret is wrong (TOK-06). */
export function findResourceServer(
  servers: readonly ResourceServer[],
  authorization: string | undefined,
): ResourceServer | undefined {
  const claimed = decodeBasic(authorization);
  if (!claimed) return undefined;
  const server = servers.find((candidate) => candidate.name === claimed.name);
  // An unknown name costs the same comparison as a known one.
  const isRight = server ? findCheck(server)(claimed.secret) : isNobodys(claimed.secret);
  if (!isRight || !server) return undefined;
  noteSubject(`service:${server.name}`);
  return server;
}

const checks = new WeakMap<ResourceServer, (secret: string) => boolean>();
const isNobodys = createTextCheck('');

function findCheck(server: ResourceServer): (secret: string) => boolean {
  const check = checks.get(server) ?? createTextCheck(server.secret.reveal());
  checks.set(server, check);
  return check;
}

function decodeBasic(
  authorization: string | undefined,
): { readonly name: string; readonly secret: string } | undefined {
  const encoded = BASIC.exec(authorization ?? '')?.[1];
  const pair = encoded && Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair ? pair.indexOf(':') : -1;
  if (!pair || colon < 0) return undefined;
  const name = decodeForm(pair.slice(0, colon));
  const secret = decodeForm(pair.slice(colon + 1));
  return name && secret ? { name, secret } : undefined;
}

function decodeForm(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
