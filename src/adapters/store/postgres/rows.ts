import type { Column, Describing, RawResult, RawRow } from './batch.ts';
import type { Row } from './read-queue.ts';
import type { Statement } from './statements.ts';

/** int8, int4, float8: all numbers of the tables, and the time. */
const NUMBERS: readonly number[] = [20, 23, 701];

export type RowDecoder = Describing & {
  readonly decode: (
    statements: readonly Statement[],
    results: readonly RawResult[],
  ) => readonly (readonly Row[])[];
};

/** Makes rows of what the server sent. What a statement's rows look like is asked once for each, not for each connection. */
export function createRowDecoder(): RowDecoder {
  const known = new Map<string, readonly Column[]>();
  return {
    isWanted: (statement) => !known.has(findKey(statement)),
    onColumns: (statement, columns) => known.set(findKey(statement), columns),
    decode: (statements, results) =>
      results.map(({ rows }, index) => {
        const statement = statements[index];
        const columns = (statement && known.get(findKey(statement))) ?? [];
        return rows.map((row) => decodeRow(columns, row));
      }),
  };
}

// After its text is prepared anew a statement has another name, and may have other columns.
function findKey({ name, text }: Statement): string {
  return name ?? text;
}

function decodeRow(columns: readonly Column[], row: RawRow): Row {
  const decoded: Record<string, unknown> = {};
  for (const [index, { name, dataTypeID }] of columns.entries()) {
    const text = row[index] ?? null;
    decoded[name] = text !== null && NUMBERS.includes(dataTypeID) ? toNumber(text, dataTypeID) : text;
  }
  return decoded;
}

function toNumber(text: string, dataTypeID: number): number {
  const value = Number(text);
  if (dataTypeID === 20 && !Number.isSafeInteger(value))
    throw new RangeError(`${text} is too large a number`);
  return value;
}
