import * as v from 'valibot';
import {
  type Credential,
  type CredentialTemplates,
  isRemovableVariable,
  isSettableFile,
  isSettableFileTemplate,
  isSettableTemplate,
  isSettableValue,
  isSettableVariable,
} from '../credential.ts';
import { findFileName, isPlainOptionFile } from '../option-file.ts';
import { Secret } from '../secret.ts';
import { formatInstant } from '../time.ts';
import type { Claimed, TokenTerms } from '../view.ts';
import { encodeList, instant, withoutNul } from './fields.ts';
import { encodeGrant, grantMessage } from './grant.ts';
import { encodeRequest, requestMessage } from './request.ts';

const secret = v.pipe(
  v.string(),
  v.maxLength(32_768),
  withoutNul,
  v.transform((value) => new Secret(value)),
);
const NOT_SETTABLE = 'is set to something that no server may choose';
const variable = v.pipe(v.string(), v.check(isSettableVariable, 'is not a variable that a server may set'));
const removed = v.pipe(
  v.string(),
  v.check(isRemovableVariable, 'is not a variable that a server may remove'),
);
const value = v.pipe(v.string(), v.maxLength(4096), withoutNul);

const secretFile = v.pipe(
  v.object({
    variable: v.pipe(
      v.string(),
      v.check(
        (name) => isSettableVariable(name) || findFileName(name) !== undefined,
        'is not a variable that a server may set',
      ),
    ),
    content: secret,
    instead: v.pipe(
      v.object({ variable, value: secret }),
      v.check((set) => isSettableValue(set.variable, set.value.reveal()), NOT_SETTABLE),
    ),
  }),
  v.check(
    (file) => findFileName(file.variable) === undefined || isPlainOptionFile(file.content.reveal()),
    'is not an option file of a plain login',
  ),
  v.check((file) => isSettableFile(file.variable, file.content.reveal()), NOT_SETTABLE),
);

/** What is set must be so for each variable. */
function checkEach<T extends string | Secret>(isSettable: (name: string, text: string) => boolean) {
  const isText = (value: string | Secret): value is string => typeof value === 'string';
  return v.check<Record<string, T>, string>(
    (set) =>
      Object.entries(set).every(([name, value]) => isSettable(name, isText(value) ? value : value.reveal())),
    NOT_SETTABLE,
  );
}

const fileTemplate = v.pipe(v.string(), v.maxLength(16_384), withoutNul);
const templates = v.object({
  environment: v.pipe(v.record(variable, value), checkEach(isSettableTemplate)),
  files: v.pipe(v.record(variable, fileTemplate), checkEach(isSettableFileTemplate)),
});

/** A credential in transit and in the keychain: the one message that carries secrets besides the token. */
export const credentialMessage = v.pipe(
  v.object({
    environment: v.pipe(v.record(variable, value), checkEach(isSettableValue)),
    secret_environment: v.pipe(v.record(variable, secret), checkEach(isSettableValue)),
    secret_files: v.pipe(v.array(secretFile), v.maxLength(16)),
    removes: v.pipe(v.array(removed), v.maxLength(64)),
    templates: v.optional(templates),
  }),
  v.transform(
    (wire): Credential => ({
      environment: wire.environment,
      secretEnvironment: wire.secret_environment,
      secretFiles: wire.secret_files,
      removes: wire.removes,
      ...(wire.templates ? { templates: wire.templates } : {}),
    }),
  ),
);

/** What its holder must know of a token: until when it is good, and with whose proofs. */
export const termsMessage = v.pipe(
  v.object({
    expires_at: instant,
    bound_to: v.nullable(v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{43}$/))),
  }),
  v.transform((wire): TokenTerms => ({ expiresAt: wire.expires_at, boundTo: wire.bound_to })),
);

export function encodeTerms(terms: TokenTerms): v.InferInput<typeof termsMessage> {
  return { expires_at: formatInstant(terms.expiresAt), bound_to: terms.boundTo };
}

export const claimedMessage = v.pipe(
  v.object({
    request: requestMessage,
    grant: grantMessage,
    token: secret,
    terms: v.optional(v.nullable(termsMessage), null),
    credential: v.nullable(credentialMessage),
  }),
  v.transform((wire): Claimed => wire),
);

export type CredentialDocument = v.InferInput<typeof credentialMessage>;

/** Reveals: for the wire and the keychain only. */
export function encodeCredential(credential: Credential): CredentialDocument {
  return {
    environment: { ...credential.environment },
    secret_environment: Object.fromEntries(
      Object.entries(credential.secretEnvironment).map(([name, item]) => [name, item.reveal()]),
    ),
    secret_files: credential.secretFiles.map((file) => ({
      variable: file.variable,
      content: file.content.reveal(),
      instead: { variable: file.instead.variable, value: file.instead.value.reveal() },
    })),
    removes: encodeList(credential.removes),
    ...(credential.templates ? { templates: encodeTemplates(credential.templates) } : {}),
  };
}

function encodeTemplates({ environment, files }: CredentialTemplates): v.InferInput<typeof templates> {
  return { environment: { ...environment }, files: { ...files } };
}

export function encodeClaimed(claimed: Claimed): v.InferInput<typeof claimedMessage> {
  return {
    request: encodeRequest(claimed.request),
    grant: encodeGrant(claimed.grant),
    token: claimed.token.reveal(),
    terms: claimed.terms ? encodeTerms(claimed.terms) : null,
    credential: claimed.credential ? encodeCredential(claimed.credential) : null,
  };
}
