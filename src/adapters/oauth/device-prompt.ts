import { fail } from '../../core/errors.ts';
import type { DevicePrompt } from '../../core/ports/session.ts';
import { isLoopback } from './secure-url.ts';

/** A device authorization response (RFC 8628 §3.2); the library has checked the types of its members. */
export type DeviceResponse = {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete?: string;
  readonly expires_in: number;
  readonly interval?: number;
};

export type DeviceTicket = {
  readonly deviceCode: string;
  readonly prompt: DevicePrompt;
  readonly intervalSeconds: number;
};

/** RFC 8628 §3.2: where the server names no interval. */
const DEFAULT_INTERVAL_SECONDS = 5;
const LONGEST_INTERVAL_SECONDS = 300;
const LONGEST_LIFE_SECONDS = 86_400;
const LONGEST_CODE = 64;

/** Checks what the types do not say (DEV-01): `bad_answer` for a pace or a life that nobody can mean. */
export function decodeDeviceResponse(response: DeviceResponse, server: string): DeviceTicket {
  const intervalSeconds = response.interval ?? DEFAULT_INTERVAL_SECONDS;
  const complete = response.verification_uri_complete ?? null;
  const why = findFault(response, intervalSeconds);
  if (why) throw fail('bad_answer', { address: server, why });
  return {
    deviceCode: response.device_code,
    intervalSeconds,
    prompt: {
      userCode: response.user_code,
      verificationUri: response.verification_uri,
      verificationUriComplete: complete,
      expiresInSeconds: Math.floor(response.expires_in),
    },
  };
}

function findFault(response: DeviceResponse, intervalSeconds: number): string | undefined {
  const { expires_in: lifeSeconds, user_code: userCode } = response;
  if (lifeSeconds < 1 || lifeSeconds > LONGEST_LIFE_SECONDS) return `its code lasts ${lifeSeconds} s`;
  if (intervalSeconds > LONGEST_INTERVAL_SECONDS || intervalSeconds >= lifeSeconds) {
    return `it wants to be asked only every ${intervalSeconds} s`;
  }
  if (userCode.length > LONGEST_CODE) return 'its code is too long to type';
  const pages = [response.verification_uri, response.verification_uri_complete ?? response.verification_uri];
  return pages.every(isPage) ? undefined : 'its page has no https address';
}

function isPage(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url)));
}
