import { Ajv2020 } from 'ajv/dist/2020.js';
import { buildDocument } from '../../../scripts/openapi/document.ts';
import type { Json, JsonObject } from '../../../scripts/openapi/json.ts';

/** The description of `/v1` as it follows from the schemas now. */
export const description = buildDocument();

export type Told = {
  readonly method: string;
  /** As it was asked for, query and all. */
  readonly path: string;
  readonly status: number;
  readonly type: string;
  readonly body: unknown;
};

const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true });
ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
ajv.addSchema({ $id: 'jit', ...(closeObjects(description) as JsonObject) });

/** What is wrong with an answer, by the description of `/v1`: nothing, if all is well. Members that it does not name are wrong too. */
export function judgeAnswer(told: Told): string | undefined {
  const operation = findOperation(told);
  if (!operation) return `${told.method} ${told.path} is not described`;
  const place = `${operation}/responses/${told.status}/content/${escapePointer(told.type)}/schema`;
  const validate = hasPlace(place) ? ajv.getSchema(`jit#${place}`) : undefined;
  if (!validate) return `${told.method} ${told.path} is not described to answer ${told.status} ${told.type}`;
  return validate(told.body) ? undefined : `${told.path}: ${ajv.errorsText(validate.errors)}`;
}

/** What is wrong with a body that a client sends. */
export function judgeBody({
  method,
  path,
  body,
}: Pick<Told, 'method' | 'path' | 'body'>): string | undefined {
  const operation = findOperation({ method, path });
  const place = `${operation}/requestBody/content/application~1json/schema`;
  const validate = hasPlace(place) ? ajv.getSchema(`jit#${place}`) : undefined;
  if (!validate) return `${method} ${path} is not described to take a body`;
  return validate(body) ? undefined : ajv.errorsText(validate.errors);
}

function findOperation({ method, path }: Pick<Told, 'method' | 'path'>): string | undefined {
  const plain = path.split('?')[0] ?? '';
  const templates = Object.keys(description.paths as JsonObject);
  const template =
    templates.find((candidate) => candidate === plain) ??
    templates.find((candidate) =>
      new RegExp(`^${candidate.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(plain),
    );
  return template && `/paths/${escapePointer(template)}/${method.toLowerCase()}`;
}

function hasPlace(pointer: string): boolean {
  let value: Json | undefined = description;
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    value = value !== null && typeof value === 'object' ? (value as JsonObject)[name] : undefined;
  }
  return value !== undefined;
}

function escapePointer(text: string): string {
  return text.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** Clients ignore what they do not know; what this server sends and does not describe is a defect here. */
function closeObjects(value: Json): Json {
  if (Array.isArray(value)) return value.map(closeObjects);
  if (value === null || typeof value !== 'object') return value;
  const schema = value as JsonObject;
  const entries = Object.entries(schema).map(([name, item]) => [name, closeObjects(item)] as const);
  const isOpen = schema.type === 'object' && 'properties' in schema && !('additionalProperties' in schema);
  return Object.fromEntries(isOpen ? [...entries, ['additionalProperties', false]] : entries);
}
