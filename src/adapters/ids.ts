import { randomBytes } from 'node:crypto';
import type { Clock } from '../core/ports/clock.ts';
import type { Ids } from '../core/ports/ids.ts';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_CHARACTERS = 10;
const RANDOM_BYTES = 16;
const IDS_AHEAD = 256;

/** Ten characters of time and sixteen at random (80 bits), lower-case Crockford base32. */
export function createIds(clock: Clock): Ids {
  const next = (): string => encodeTime(clock.now()) + encodeRandom();
  return {
    newRequestId: () => `req_${next()}`,
    newGrantId: () => `gr_${next()}`,
    newTokenId: () => `tok_${next()}`,
    newEventId: () => `ev_${next()}`,
    newNoticeId: () => `ntc_${next()}`,
  };
}

function encodeTime(at: number): string {
  let rest = at;
  let text = '';
  for (let index = 0; index < TIME_CHARACTERS; index += 1) {
    text = (ALPHABET[rest % 32] ?? '0') + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

function encodeRandom(): string {
  let text = '';
  for (const byte of takeRandom()) text += ALPHABET[byte % 32] ?? '0';
  return text;
}

let pool = Buffer.alloc(0);

/** Ids are made by the dozen, and asking the system for a few bytes costs as much as for many. */
function takeRandom(): Buffer {
  if (pool.length === 0) pool = randomBytes(RANDOM_BYTES * IDS_AHEAD);
  const taken = pool.subarray(0, RANDOM_BYTES);
  pool = pool.subarray(RANDOM_BYTES);
  return taken;
}

const INSTALLATION_BYTES = 8;

/** Eight characters that set one installation's names at the targets apart from every other's. */
export function makeInstallationId(): string {
  return Array.from(randomBytes(INSTALLATION_BYTES), (byte) => ALPHABET[byte % 32] ?? '0').join('');
}
