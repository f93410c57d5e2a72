import { LONGEST_NAME_CHARACTERS } from '../../src/core/limits.ts';
import { TARGET_PATTERN } from '../../src/core/scope.ts';
import { type Operation, queryText } from './operation.ts';

const REMOVAL =
  'The tokens are dead with the answer; what is at the targets is removed, and looked for again.';

/** Grants, and taking them away. */
export const revoking: readonly Operation[] = [
  {
    id: 'listRevocable',
    method: 'get',
    path: '/v1/grants',
    tag: 'Grants',
    summary: 'Live grants that the caller may take away',
    description:
      'Of a user, at a target, of a user at a target; or of everybody, which must be said. What is said of nobody is refused.',
    parameters: [
      {
        ...queryText('user', 'A name or subject.'),
        schema: { type: 'string', minLength: 1, maxLength: LONGEST_NAME_CHARACTERS },
      },
      { ...queryText('target', 'A target.'), schema: { type: 'string', pattern: TARGET_PATTERN.source } },
      { ...queryText('everyone', 'Everybody’s.'), schema: { type: 'string', const: 'true' } },
    ],
    answer: 'Grants',
    errors: ['bad_message', 'ambiguous', 'too_many'],
  },
  {
    id: 'readGrant',
    method: 'get',
    path: '/v1/grants/{id}',
    tag: 'Grants',
    summary: 'Read a grant',
    answer: 'GrantAnswer',
    errors: ['not_found'],
  },
  {
    id: 'reportUse',
    method: 'post',
    path: '/v1/grants/{id}/use',
    tag: 'Grants',
    summary: 'Say that a grant is in use',
    description:
      'By its holder, while a program works with it. A grant with `idle_seconds` ends when it was not used for so long; say it a few times within that.',
    answer: 'GrantAnswer',
    errors: ['not_found', 'no_grant', 'bad_message'],
  },
  {
    id: 'revoke',
    method: 'post',
    path: '/v1/grants/{id}/revoke',
    tag: 'Grants',
    summary: 'Give a grant back, or take it away',
    description: `${REMOVAL} The answer waits for that, up to \`wait_seconds\`. Done twice it is done.`,
    body: 'Revoke',
    answer: 'GrantAnswer',
    errors: ['not_found'],
  },
  {
    id: 'revokeMany',
    method: 'post',
    path: '/v1/revocations',
    tag: 'Grants',
    summary: 'Take away much at once',
    description: `All that the caller may take: grants, open requests, and, of one person, the logins where policy lets the caller revoke everything. ${REMOVAL} The answer waits for that, up to \`wait_seconds\`. Sent again it finds what is left.`,
    body: 'Revocation',
    answer: 'Revoked',
    errors: ['ambiguous', 'not_all_revoked', 'too_many'],
  },
  {
    id: 'readDescription',
    method: 'get',
    path: '/v1/openapi.json',
    tag: 'People',
    summary: 'This document',
    answer: { 'application/json': { schema: { type: 'object' } } },
    errors: [],
    isOpen: true,
  },
];
