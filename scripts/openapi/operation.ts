import type { ErrorCode } from '../../src/core/errors.ts';
import type { JsonObject } from './json.ts';
import type { SchemaName } from './schemas.ts';

/** One route, as it is written down. Headers, identity and problem documents are added to each alike. */
export type Operation = {
  readonly id: string;
  readonly method: 'get' | 'post';
  readonly path: string;
  readonly tag: 'People' | 'Requests' | 'Review' | 'Grants' | 'Following';
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly JsonObject[];
  readonly body?: SchemaName;
  /** A message as JSON, or whatever else it answers. */
  readonly answer: SchemaName | JsonObject;
  /** Beside those that every operation has. */
  readonly errors: readonly ErrorCode[];
  /** It needs no session. */
  readonly isOpen?: true;
};

export function queryText(name: string, description: string): JsonObject {
  return { name, in: 'query', description, schema: { type: 'string' } };
}

export function queryCount(name: string, most: number, description: string): JsonObject {
  return { name, in: 'query', description, schema: { type: 'integer', minimum: 0, maximum: most } };
}
