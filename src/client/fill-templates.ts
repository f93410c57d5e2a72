import type { ChildGrant } from '../core/child-environment.ts';
import type { CredentialTemplates } from '../core/credential.ts';
import type { ChildOrder, PlaceSecret } from '../core/ports/processes.ts';
import { Secret } from '../core/secret.ts';
import { formatInstant } from '../core/time.ts';
import { fillTemplate, type Placeholder } from '../core/token-template.ts';

export type Filling = {
  readonly templates: CredentialTemplates | undefined;
  readonly token: Secret;
  readonly grant: ChildGrant;
};

/**
 * The variables and files of a credential that the grant's own token belongs in: only who holds the token can write them.
 * The token is one file, however often it is named; undefined where there is nothing to fill in.
 */
export function fillTemplates({ templates, token, grant }: Filling): ChildOrder['buildMore'] {
  if (!templates) return undefined;
  return (place) => {
    const read = createReader(place, { token, grant });
    const environment = Object.entries(templates.environment).map(([name, template]) => [
      name,
      fillTemplate(template, read),
    ]);
    const files = Object.entries(templates.files).map(([name, template]) => [
      name,
      place(new Secret(fillTemplate(template, read))),
    ]);
    return Object.fromEntries([...environment, ...files]);
  };
}

function createReader(
  place: PlaceSecret,
  { token, grant }: Omit<Filling, 'templates'>,
): (placeholder: Placeholder) => string {
  let tokenPath: string | undefined;
  const readers: Readonly<Record<Placeholder, () => string>> = {
    token: () => token.reveal(),
    token_file: () => {
      tokenPath ??= place(token);
      return tokenPath;
    },
    grant_id: () => grant.id,
    scopes: () => grant.scopes.join(' '),
    expires_at: () => formatInstant(grant.expiresAt),
  };
  return (placeholder) => readers[placeholder]();
}
