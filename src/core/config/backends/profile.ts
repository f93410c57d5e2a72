import * as v from 'valibot';
import type { ClientProfile } from '../../client-config.ts';
import { buildComplaint } from '../complaint.ts';
import * as field from '../fields.ts';
import type { BackendKind, ProfileFile } from './backend-kind.ts';
import { execBackend } from './exec.ts';
import { npmBackend } from './npm.ts';
import { oidcBackend } from './oidc.ts';
import { serverBackend } from './server.ts';

/** Every kind of backend: one line each. */
const BACKENDS: readonly BackendKind[] = [serverBackend, oidcBackend, execBackend, npmBackend];

const EVERY_PROFILE = { keychain: v.optional(v.picklist(['os', 'file'])) };

/** Names what is kept on this machine where there is no address to do it. */
const PLAIN_NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;

export type NamedProfile = { readonly kind: BackendKind; readonly file: ProfileFile & KeychainFile };
type KeychainFile = { readonly keychain?: 'os' | 'file' | undefined };

/** One profile of `config.toml`: which settings there are depends on its `backend`. */
export const profileFile = v.pipe(
  field.mapping,
  v.looseObject({ backend: v.optional(v.string(), 'server') }),
  v.rawTransform<ProfileFile, NamedProfile>(({ dataset, addIssue, NEVER }) => {
    const kind = BACKENDS.find(({ matches }) => matches(dataset.value.backend));
    if (!kind) {
      addIssue({
        message: `must be one of ${BACKENDS.map(({ name }) => name).join(', ')}`,
        path: buildPath(dataset.value, ['backend']),
      });
      return NEVER;
    }
    const schema = field.settings({ backend: v.string(), ...EVERY_PROFILE, ...kind.entries });
    const parsed = v.safeParse(schema, dataset.value);
    if (!parsed.success) {
      for (const issue of parsed.issues) addIssue({ message: buildComplaint(issue).why, path: issue.path });
      return NEVER;
    }
    const file = parsed.output as NamedProfile['file'];
    const complaints = kind.complain?.(file) ?? [];
    for (const { path, why } of complaints) addIssue({ message: why, path: buildPath(dataset.value, path) });
    return complaints.length === 0 ? { kind, file } : NEVER;
  }),
);

/** Undefined where the name cannot be that of a profile whose backend has no address. */
export function buildProfile(name: string, { kind, file }: NamedProfile): ClientProfile | undefined {
  const backend = kind.build(file);
  if (backend && !PLAIN_NAME.test(name)) return undefined;
  return {
    server: kind.findServer(file, name),
    ...(backend ? { backend } : {}),
    ...(file.keychain === undefined ? {} : { keychain: file.keychain }),
  };
}

/** As it is written to the file. */
export function encodeProfile({
  server,
  backend,
  keychain,
}: ClientProfile): Readonly<Record<string, unknown>> {
  const encoded =
    backend && BACKENDS.map((kind) => kind.encode(backend)).find((found) => found !== undefined);
  return { ...(encoded ?? { server }), ...(keychain === undefined ? {} : { keychain }) };
}

type Path = [v.ObjectPathItem, ...v.ObjectPathItem[]];

function buildPath(input: ProfileFile, keys: readonly string[]): Path | undefined {
  const [first, ...rest] = keys.map(
    (key): v.ObjectPathItem => ({ type: 'object', origin: 'value', input, key, value: undefined }),
  );
  return first && [first, ...rest];
}
