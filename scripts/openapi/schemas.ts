import { toJsonSchemaDefs } from '@valibot/to-json-schema';
import { claimedMessage, credentialMessage } from '../../src/core/wire/claim.ts';
import { dossierMessage } from '../../src/core/wire/dossier.ts';
import { instantText } from '../../src/core/wire/fields.ts';
import { grantMessage } from '../../src/core/wire/grant.ts';
import { inboxMessage } from '../../src/core/wire/inbox.ts';
import { changeMessage } from '../../src/core/wire/live.ts';
import {
  askMessage,
  grantAnswer,
  personMessage,
  previewMessage,
  requestAnswer,
  revokeMessage,
  scopesMessage,
  statusMessage,
  submittedMessage,
} from '../../src/core/wire/messages.ts';
import { problemMessage } from '../../src/core/wire/problem.ts';
import { decisionMessage, requestMessage } from '../../src/core/wire/request.ts';
import { approveMessage, denyMessage, laterReviewMessage } from '../../src/core/wire/review.ts';
import { grantsMessage, revocationMessage, revokedMessage } from '../../src/core/wire/revocation.ts';
import { certificateAnswer, certificateMessage, sshTargetsMessage } from '../../src/core/wire/ssh.ts';
import type { Json, JsonObject } from './json.ts';

/** Every message of `/v1` by the name it has in the document. */
const MESSAGES = {
  Ask: askMessage,
  Approve: approveMessage,
  Certificate: certificateAnswer,
  Certify: certificateMessage,
  Change: changeMessage,
  Claimed: claimedMessage,
  Credential: credentialMessage,
  Decision: decisionMessage,
  Deny: denyMessage,
  Dossier: dossierMessage,
  Grant: grantMessage,
  GrantAnswer: grantAnswer,
  Grants: grantsMessage,
  Inbox: inboxMessage,
  LaterReview: laterReviewMessage,
  Person: personMessage,
  Preview: previewMessage,
  Problem: problemMessage,
  Request: requestMessage,
  RequestAnswer: requestAnswer,
  Revocation: revocationMessage,
  Revoke: revokeMessage,
  Revoked: revokedMessage,
  Scopes: scopesMessage,
  SshTargets: sshTargetsMessage,
  Status: statusMessage,
  Submitted: submittedMessage,
} as const;

export type SchemaName = keyof typeof MESSAGES;

const DESCRIPTIONS: Readonly<Record<SchemaName, string>> = {
  Ask: 'What is asked for. The reason has 1,024 bytes at most, the ticket 128. Whoever asks is known from the session, never from the message; unknown members are refused.',
  Approve:
    'What a reviewer lets through: what is left out stays as it was asked, and nothing can be more. `digest` is of the request as the reviewer saw it.',
  Certificate:
    'A certificate in OpenSSH’s format, and what is in it. It is good with the private half of the key that was sent.',
  Certify: 'The key of the machine that connects: Ed25519, a line without its comment.',
  Change: 'That something happened to a request or grant; what it is now is read from its own address.',
  Claimed:
    'A grant with what its holder uses it with: the token, and the credential that the target understands. `credential` is null where the one delivered before still holds.',
  Credential: 'What the program that uses the grant finds in its environment. It is secret.',
  Decision: 'What policy and reviewers said, and why.',
  Deny: 'One no is enough, with a reason.',
  Dossier: 'All that a reviewer wants to know before deciding.',
  Grant:
    'A lease with one absolute end. `revocation.confirmed` is true only when token and target were seen dead.',
  GrantAnswer: 'One grant.',
  Grants: 'Live grants that the caller may take away.',
  Inbox:
    'What waits for the caller’s decision, oldest first, and break-glass that nobody has reviewed, the most overdue first. `position` is where to follow from.',
  LaterReview: 'What somebody else than the requester says of break-glass when it is over.',
  Person: 'Who is calling, and how and when they logged in.',
  Preview: 'What policy would say now. Nothing was written.',
  Problem:
    'RFC 9457. `code` is what programs look at; `detail` and `hint` are for people and may change. `max_age` and `acr_values` say which login would do (RFC 9470).',
  Request: 'What somebody asked for, and what became of it. `digest` is one hash over all of it.',
  RequestAnswer: 'One request.',
  Revocation:
    'Whose access is taken away: of a user, at a target, or of a user at a target; or of everybody, which must be said with `everyone` and nothing else.',
  Revoke:
    '`done`: the holder gives it back. `revoked`: somebody takes it. Whoever is not the holder always takes it.',
  Revoked: 'What was taken away. A grant that is not `ended` yet is being removed, for as long as it takes.',
  Scopes:
    'The catalogue, with a forecast for the caller: what would be granted at once and what needs people.',
  SshTargets: 'Hosts as ssh_config names them, patterns included.',
  Status: 'What is open for the caller.',
  Submitted:
    'The request, and the grant where policy gave it at once. `joined`: it was asked for before, with another key, and what came of it may be in use.',
};

/** The messages as JSON Schema 2020-12, which is what OpenAPI 3.1 has. */
export function buildSchemas(): JsonObject {
  const schemas = toJsonSchemaDefs(MESSAGES, {
    target: 'draft-2020-12',
    typeMode: 'input',
    // What these look at cannot be said in JSON Schema; it is said in words.
    ignoreActions: ['check', 'max_bytes'],
    overrideSchema: ({ valibotSchema }) =>
      valibotSchema === instantText ? { type: 'string', format: 'date-time' } : undefined,
    overrideRef: ({ referenceId }) => `#/components/schemas/${referenceId}`,
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [
      name,
      { description: DESCRIPTIONS[name as SchemaName], ...(shorten(schema as JsonObject) as JsonObject) },
    ]),
  );
}

/** `anyOf` a type and null is one type with null in it, which is half as long. */
function shorten(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(shorten);
  if (schema === null || typeof schema !== 'object') return schema;
  const { anyOf, ...rest } = Object.fromEntries(
    Object.entries(schema).map(([name, value]) => [name, shorten(value)]),
  );
  const [first, second, ...more] = (anyOf ?? []) as readonly JsonObject[];
  if (typeof first?.type === 'string' && second?.type === 'null' && more.length === 0) {
    const values = Array.isArray(first.enum) ? { enum: [...first.enum, null] } : {};
    return { ...rest, ...first, type: [first.type, 'null'], ...values };
  }
  return anyOf === undefined ? rest : { ...rest, anyOf };
}
