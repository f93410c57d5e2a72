export type PlainRecord = Readonly<Record<string, unknown>>;

export function isPlainRecord(value: unknown): value is PlainRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The value of a JSON text that `JSON.stringify` wrote; undefined for every other spelling. So a name that occurs
 * twice, white space or trailing bytes cannot mean one thing here and another elsewhere.
 */
export function parseSoleJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return JSON.stringify(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}
