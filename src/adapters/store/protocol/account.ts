type Payload = Readonly<Record<string, unknown>>;

/** Where the provider's models keep whose they are: their own account first, then who logs in through them. */
const PLACES: readonly (readonly string[])[] = [
  ['accountId'],
  ['result', 'login', 'accountId'],
  ['session', 'accountId'],
];

/** The account that an entry belongs to; null where it belongs to nobody yet. */
export function findAccount(payload: Payload): string | null {
  const found = PLACES.map((place) => readAt(payload, place)).find((value) => typeof value === 'string');
  return typeof found === 'string' ? found : null;
}

function readAt(payload: Payload, place: readonly string[]): unknown {
  return place.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Payload)[key]
        : undefined,
    payload,
  );
}
