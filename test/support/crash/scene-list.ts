/** What needs no server, and some of the fail points that there must be. */
export const ALONE = {
  'a stray that is removed': [
    'before a setting',
    'after a setting',
    'before removing',
    'after removing',
    'before credential.stray_removed',
    'after credential.stray_removed',
  ],
  'a channel that is told': [
    'after taking deliver',
    'before hearing',
    'after hearing',
    'before a delivery',
    'after a delivery',
  ],
  'keys that are rotated': ['before keys.rotated', 'after keys.rotated', 'after keys.rotated, time 3'],
  'a restored store that is confirmed': ['before store.confirmed', 'after store.confirmed'],
  'an account’s password': [
    'before a setting',
    'after a setting, time 2',
    'after upkeep statement 3',
    'before credential.rotated',
    'after credential.rotated',
  ],
  'the administrator’s password': [
    'before a setting',
    'after a setting',
    'after upkeep statement 1',
    'before credential.rotated',
    'after credential.rotated',
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;
