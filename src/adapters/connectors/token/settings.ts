import * as v from 'valibot';
import type { Complaint } from '../../../core/config/complaint.ts';
import { named } from '../../../core/config/fields.ts';
import {
  type CredentialTemplates,
  isRemovableVariable,
  isSettableFileTemplate,
  isSettableTemplate,
  isSettableVariable,
} from '../../../core/credential.ts';
import { listUnknownPlaceholders, PLACEHOLDERS } from '../../../core/token-template.ts';

const variable = v.pipe(
  v.string(),
  v.check(isSettableVariable, 'is not a variable that jit lets a server set: docs/connectors.md lists them'),
);

/** Refused at the start, not when somebody needs it: an unknown name in braces is a slip. */
function template(longest: number) {
  return v.pipe(
    v.string(),
    v.check(
      (text) => text.length <= longest && !text.includes('\0'),
      `must be text of at most ${longest} characters`,
    ),
    v.check(
      (text) => listUnknownPlaceholders(text).length === 0,
      ({ input }) =>
        `has no {${listUnknownPlaceholders(input)[0]}} to put in: there is ${PLACEHOLDERS.map((name) => `{${name}}`).join(', ')}; {{…}} is a plain {…}`,
    ),
  );
}

/** What a target of kind `token` may be told: texts by variable. */
export const TOKEN_SETTINGS = {
  environment: v.optional(named(variable, template(4096)), {}),
  files: v.optional(named(variable, template(16_384)), {}),
};

/** Whoever sets one of `has` removes `removes`: inherited, they would be used in its place. */
const RIVALS: readonly { readonly has: RegExp; readonly removes: readonly string[] }[] = [
  {
    has: /^AWS_(ROLE_ARN|WEB_IDENTITY_TOKEN_FILE|ACCESS_KEY_ID)$/,
    removes: [
      'AWS_ACCESS_KEY_ID',
      'AWS_SECRET_ACCESS_KEY',
      'AWS_SESSION_TOKEN',
      'AWS_PROFILE',
      'AWS_DEFAULT_PROFILE',
      'AWS_ROLE_SESSION_NAME',
    ],
  },
  {
    has: /^(GOOGLE_APPLICATION_CREDENTIALS|CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE)$/,
    removes: [
      'GOOGLE_APPLICATION_CREDENTIALS',
      'CLOUDSDK_AUTH_ACCESS_TOKEN_FILE',
      'CLOUDSDK_CORE_ACCOUNT',
      'GOOGLE_OAUTH_ACCESS_TOKEN',
    ],
  },
  {
    has: /^(AZURE_FEDERATED_TOKEN_FILE|ARM_OIDC_TOKEN_FILE_PATH)$/,
    removes: [
      'AZURE_CLIENT_SECRET',
      'AZURE_CLIENT_CERTIFICATE_PATH',
      'AZURE_USERNAME',
      'AZURE_PASSWORD',
      'ARM_CLIENT_SECRET',
      'ARM_CLIENT_CERTIFICATE_PATH',
      'ARM_OIDC_TOKEN',
    ],
  },
];

/** The inherited variables that would stand in the way of these templates. */
export function listRivals({ environment, files }: CredentialTemplates): readonly string[] {
  const names = [...Object.keys(environment), ...Object.keys(files)];
  const rivals = RIVALS.filter(({ has }) => names.some((name) => has.test(name)));
  return [...new Set(rivals.flatMap(({ removes }) => removes))].filter(isRemovableVariable);
}

/** One variable has one source, and no file of the user's; a bound token is no good in any of them, because its proofs are with its holder. */
export function checkNames(settings: CredentialTemplates): readonly Complaint[] {
  const twice = Object.keys(settings.files)
    .filter((name) => name in settings.environment)
    .map((name) => ({ path: ['files', name], why: 'is in "environment" too' }));
  return [...twice, ...checkPaths(settings), ...checkBound(settings)];
}

/** No client takes them either. */
function checkPaths({ environment, files }: CredentialTemplates): readonly Complaint[] {
  const paths = Object.entries(environment)
    .filter(([name, text]) => !isSettableTemplate(name, text))
    .map(([name]) => ({
      path: ['environment', name],
      why: 'names a file: it can be "{token_file}", or in "files"',
    }));
  const contents = Object.entries(files)
    .filter(([name, text]) => !isSettableFileTemplate(name, text))
    .map(([name]) => ({
      path: ['files', name],
      why: 'must be an external_account as in docs/recipes/google.md: with {token_file}, at googleapis.com, and no more',
    }));
  return [...paths, ...contents];
}

function checkBound(settings: CredentialTemplates & { readonly dpop?: boolean }): readonly Complaint[] {
  const count = Object.keys(settings.environment).length + Object.keys(settings.files).length;
  if (!settings.dpop || count === 0) return [];
  return [{ path: ['dpop'], why: 'makes tokens that are no good in a variable or a file' }];
}
