import * as v from 'valibot';
import { parseFixedDuration } from '../duration.ts';
import { findNearest, isScope, isTargetName } from '../scope.ts';
import { Secret } from '../secret.ts';
import { isTreacherous } from '../text.ts';
import { isAddressBlock, isCallUrl, isTimeZone, parseListenAddress, parseOrigin } from './address.ts';
import { parseStoreLocation } from './store.ts';

/** Reads a text into a value; the message says what it must be. */
function parsed<T>(parse: (text: string) => T | undefined, message: string) {
  return v.pipe(
    v.string(),
    v.rawTransform<string, T>(({ dataset, addIssue, NEVER }) => {
      const value = parse(dataset.value);
      if (value !== undefined) return value;
      addIssue({ message });
      return NEVER;
    }),
  );
}

function checked(check: (text: string) => boolean, message: string) {
  return v.pipe(v.string(), v.check(check, message));
}

export const name = checked(
  (text) => /^\S{1,64}$/u.test(text) && !isTreacherous(text),
  'must be a name without spaces or hidden characters',
);
export const scope = checked(isScope, 'must be a scope like prod:db.read');
export const targetName = checked(isTargetName, 'must be lower-case letters, digits, "-" and "_"');
export const roleName = checked(
  (text) => /^[a-z0-9_]{1,63}$/.test(text),
  'must be a role of lower-case letters, digits and "_"',
);
export const line = checked(
  (text) => /^.{1,256}$/su.test(text) && !isTreacherous(text),
  'must be one line of text without hidden characters',
);
export const path = checked((text) => text.length > 0 && !text.includes('\0'), 'must be a path');
export const uri = checked((text) => URL.canParse(text), 'must be a URI like https://orders.example.com');
export const addressBlock = checked(isAddressBlock, 'must be an address or a block like 10.0.0.0/8');
export const timeZone = checked(isTimeZone, 'must be a time zone like Europe/Rome');
export const duration = parsed(parseFixedDuration, 'must be a duration like 30m, 2h45m or PT30M');
/** Shorter than this, a service's clock and a network's delay would decide whether a token is good. */
export const tokenLife = v.pipe(duration, v.minValue(60, 'must be a minute or more'));
export const listen = parsed(parseListenAddress, 'must be an address with a port, like 127.0.0.1:7420');
export const origin = parsed(
  (text) => parseOrigin(text)?.origin,
  'must be an address without a path, like https://jit.example.com',
);

/** As the provider writes it in its tokens: compared letter by letter, so nothing is tidied up. */
export const issuer = checked(
  isCallUrl,
  'must be an address like https://login.example.com; plain http is for loopback only',
);
export const callUrl = checked(
  isCallUrl,
  'must be an address like https://hooks.example.com/jit; plain http is for loopback only',
);
export const webhookSecret = parsed(
  (text) => (/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/.test(text) ? new Secret(text) : undefined),
  'must be whsec_ and 24 to 64 bytes in base64: echo "whsec_$(openssl rand -base64 32)" makes one',
);

export const secret = parsed((text) => (text === '' ? undefined : new Secret(text)), 'must not be empty');
export const longSecret = parsed(
  (text) => (new TextEncoder().encode(text).length < 32 ? undefined : new Secret(text)),
  'must be at least 32 bytes: openssl rand -base64 32 makes one',
);
export const postgresUrl = parsed(
  (text) => (/^postgres(ql)?:\/\/./.test(text) && URL.canParse(text) ? new Secret(text) : undefined),
  'must be a URL like postgres://user:password@host/database',
);

export const store = parsed(
  parseStoreLocation,
  'must be a store like sqlite:./jit.db or postgres://user@host/database',
);

/** An object of fixed settings; an unknown one is refused, with the nearest that there is. */
export function settings<const T extends v.ObjectEntries>(entries: T) {
  return v.strictObject(entries, (issue) => {
    if (issue.expected !== 'never')
      return issue.received === 'undefined' ? 'is missing' : 'must be a mapping';
    const nearest = findNearest(JSON.parse(issue.received), Object.keys(entries));
    return nearest ? `is not a setting: did you mean "${nearest}"?` : 'is not a setting';
  });
}

/** An object whose keys are names that the author chooses. A list is not one. */
export function named<const K extends v.GenericSchema<string, string>, const V extends v.GenericSchema>(
  key: K,
  value: V,
) {
  return v.pipe(mapping, v.record(key, value));
}

/** As an object, but not a list. */
export const mapping = v.custom<Record<string, unknown>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'must be a mapping',
);

/** A setting that the design has and this version has not: better refused than ignored. */
export function notYet(instead: string) {
  return v.optional(
    v.pipe(
      v.unknown(),
      v.check(() => false, `is not in this version yet: ${instead}`),
    ),
  );
}
