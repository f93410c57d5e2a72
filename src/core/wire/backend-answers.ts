import * as v from 'valibot';
import type { BackendMethods } from '../ports/backend.ts';
import type { Claimed, GrantView, RequestView } from '../view.ts';
import { claimedWith, dossierAbout, grantWith, requestWith } from './about.ts';
import { encodeClaimed } from './claim.ts';
import { encodeDossier } from './dossier.ts';
import { encodeGrant } from './grant.ts';
import { encodeInbox, inboxMessage } from './inbox.ts';
import {
  encodePerson,
  encodeScope,
  encodeStatus,
  personMessage,
  previewMessage,
  scopesMessage,
  statusMessage,
  submittedMessage,
} from './messages.ts';
import { encodeDecision, encodeRequest } from './request.ts';
import { encodeRevoked, grantsMessage, revokedMessage } from './revocation.ts';

export type BackendMethod = keyof BackendMethods;
export type BackendAnswer<M extends BackendMethod> = Awaited<ReturnType<BackendMethods[M]>>;

/** What an answer must be, and how one that is a value already is brought there to be looked at like all others. */
export type AnswerForm<T> = {
  readonly schema: v.GenericSchema<unknown, T>;
  readonly encode: (answer: T) => unknown;
};

/** `id` is what was asked about, where it is one request or grant: an answer about another is none. */
export type AnswerForms = {
  readonly [M in BackendMethod]: (id: string) => AnswerForm<BackendAnswer<M>>;
};

/** An answer to asking whose grant is one for the request that it speaks of. */
const submitted = v.pipe(
  submittedMessage,
  v.check(
    ({ request, claimed }) => claimed === null || claimed.request.id === request.id,
    'is about two requests',
  ),
);

const preview = v.pipe(
  previewMessage,
  v.transform(({ decision, can_approve }) => ({ decision, canApprove: can_approve })),
);
const scopes = v.pipe(
  scopesMessage,
  v.transform((wire) => wire.scopes),
);
const grants = v.pipe(
  grantsMessage,
  v.transform((wire) => wire.grants),
);

const aboutRequest = (id: string): AnswerForm<RequestView> => ({
  schema: requestWith(id),
  encode: (request) => ({ request: encodeRequest(request) }),
});
const aboutGrant = (id: string): AnswerForm<GrantView> => ({
  schema: grantWith(id),
  encode: (grant) => ({ grant: encodeGrant(grant) }),
});
const aboutClaim = (id: string): AnswerForm<Claimed> => ({ schema: claimedWith(id), encode: encodeClaimed });
const status = () => ({ schema: statusMessage, encode: encodeStatus });

/** What a plugin must answer to each method, whether it is a program or a package (INP-05). */
export const backendAnswers = {
  readPerson: () => ({ schema: personMessage, encode: encodePerson }),
  listScopes: () => ({ schema: scopes, encode: (list) => ({ scopes: list.map(encodeScope) }) }),
  preview: () => ({
    schema: preview,
    encode: ({ decision, canApprove }) => ({ decision: encodeDecision(decision), can_approve: canApprove }),
  }),
  submit: () => ({
    schema: submitted,
    encode: ({ request, claimed, joined }) => ({
      request: encodeRequest(request),
      claimed: claimed && encodeClaimed(claimed),
      joined,
    }),
  }),
  readRequest: aboutRequest,
  follow: aboutRequest,
  claim: aboutClaim,
  cancel: aboutRequest,
  readStatus: status,
  listHistory: status,
  readInbox: () => ({ schema: inboxMessage, encode: encodeInbox }),
  readDossier: (id) => ({ schema: dossierAbout(id), encode: encodeDossier }),
  approve: aboutRequest,
  deny: aboutRequest,
  reviewAfterwards: aboutRequest,
  listRevocable: () => ({ schema: grants, encode: (list) => ({ grants: list.map(encodeGrant) }) }),
  revokeMany: () => ({ schema: revokedMessage, encode: encodeRevoked }),
  readGrant: aboutGrant,
  revoke: aboutGrant,
} as const satisfies AnswerForms;
