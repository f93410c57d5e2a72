import { catalogue } from '../../src/core/error-catalogue.ts';
import type { ErrorCode } from '../../src/core/errors.ts';
import { BODY_LIMIT_BYTES, LONGEST_ID_CHARACTERS } from '../../src/core/limits.ts';
import { PROBLEM_TYPE } from '../../src/core/wire/problem.ts';
import { asking } from './asking.ts';
import { certificates } from './certificates.ts';
import type { Json, JsonObject } from './json.ts';
import type { Operation } from './operation.ts';
import { reviewing } from './reviewing.ts';
import { revoking } from './revoking.ts';
import { buildSchemas } from './schemas.ts';

const OPERATIONS: readonly Operation[] = [...asking, ...reviewing, ...revoking, ...certificates];

const ABOUT = `What a jit server offers to programs; \`docs/protocol.md\` tells it in order.

Every call but that for this document is made with a DPoP-bound access token (RFC 9449): \`Authorization: DPoP …\` and a
fresh proof in \`DPoP\`. Errors are problem documents (RFC 9457) with a \`code\`. Bodies are JSON in UTF-8 of at most
${BODY_LIMIT_BYTES} bytes; unknown members are refused, because a client does not say what only the server decides.
Answers may get new members, error codes and kinds of change: ignore what you do not know. Every answer has the server's
time in \`Jit-Time\`; times are RFC 3339. What is none of the caller's business is \`not_found\`.`;

/** The description of `/v1` as an OpenAPI 3.1 document. */
export function buildDocument(): JsonObject {
  return {
    openapi: '3.1.0',
    info: { title: 'jit', version: '1', summary: 'Just-in-time production access', description: ABOUT },
    servers: [{ url: '/' }],
    security: [{ dpop: [] }],
    tags: ['People', 'Requests', 'Review', 'Grants', 'Following'].map((name) => ({ name })),
    paths: buildPaths(),
    components: {
      schemas: buildSchemas(),
      parameters: { id: ID_PARAMETER, proof: PROOF_PARAMETER },
      headers: {
        'Jit-Time': {
          description: 'The time at the server.',
          schema: { type: 'string', format: 'date-time' },
        },
        'WWW-Authenticate': {
          description: 'The challenge: RFC 9449 §7.1, and RFC 9470 where another login would do.',
          schema: { type: 'string' },
        },
      },
      securitySchemes: {
        dpop: {
          type: 'http',
          scheme: 'DPoP',
          description:
            'An access token of this server, bound to a key of the client (RFC 9449): from the device grant, the authorization code grant with PKCE, or a workload’s assertion.',
        },
      },
    },
    'x-error-codes': listCodes(),
  };
}

const ID_PARAMETER: JsonObject = {
  name: 'id',
  in: 'path',
  required: true,
  schema: { type: 'string', maxLength: LONGEST_ID_CHARACTERS },
};
const PROOF_PARAMETER: JsonObject = {
  name: 'DPoP',
  in: 'header',
  required: true,
  description: 'A proof for this method and address, made for this call and used once.',
  schema: { type: 'string' },
};

function buildPaths(): JsonObject {
  const paths = Map.groupBy(OPERATIONS, ({ path }) => path);
  return Object.fromEntries(
    [...paths].map(([path, operations]) => [
      path,
      Object.fromEntries(operations.map((operation) => [operation.method, buildOperation(operation)])),
    ]),
  );
}

function buildOperation(operation: Operation): JsonObject {
  const { id, tag, summary, description, path, parameters = [], body, isOpen } = operation;
  const known: readonly JsonObject[] = [
    ...(path.includes('{id}') ? [refer('parameters', 'id')] : []),
    ...parameters,
    ...(isOpen ? [] : [refer('parameters', 'proof')]),
  ];
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description ? { description } : {}),
    ...(isOpen ? { security: [] } : {}),
    ...(known.length > 0 ? { parameters: known } : {}),
    ...(body
      ? {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: refer('schemas', body) } },
          },
        }
      : {}),
    responses: buildResponses(operation),
  };
}

function buildResponses(operation: Operation): JsonObject {
  const { answer } = operation;
  const content: Json =
    typeof answer === 'string' ? { 'application/json': { schema: refer('schemas', answer) } } : answer;
  const problems = Map.groupBy(listErrors(operation), (code) => catalogue[code].status);
  return {
    200: { description: operation.summary, headers: { 'Jit-Time': refer('headers', 'Jit-Time') }, content },
    ...Object.fromEntries([...problems].map(([status, codes]) => [status, buildProblem(status, codes)])),
  };
}

/** What every operation may say, and what this one may say besides. */
function listErrors({ isOpen, body, errors }: Operation): readonly ErrorCode[] {
  const session: readonly ErrorCode[] = isOpen ? [] : ['login_needed', 'session_expired'];
  const reading: readonly ErrorCode[] = body ? ['bad_message', 'too_large'] : [];
  return [...new Set<ErrorCode>([...session, ...reading, ...errors, 'failed'])];
}

function buildProblem(status: number, codes: readonly ErrorCode[]): JsonObject {
  return {
    description: codes.map((code) => `\`${code}\``).join(', '),
    headers: {
      'Jit-Time': refer('headers', 'Jit-Time'),
      ...(status === 401 ? { 'WWW-Authenticate': refer('headers', 'WWW-Authenticate') } : {}),
    },
    content: {
      [PROBLEM_TYPE]: {
        schema: {
          allOf: [
            refer('schemas', 'Problem'),
            { properties: { status: { const: status }, code: { enum: codes } } },
          ],
        },
      },
    },
  };
}

/** Every code that an operation may answer with, and its status. */
function listCodes(): JsonObject {
  const codes = [...new Set(OPERATIONS.flatMap(listErrors))].toSorted();
  return Object.fromEntries(codes.map((code) => [code, catalogue[code].status]));
}

function refer(kind: 'schemas' | 'parameters' | 'headers', name: string): JsonObject {
  return { $ref: `#/components/${kind}/${name}` };
}
