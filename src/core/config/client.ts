import * as v from 'valibot';
import type { ClientConfig, ClientProfile } from '../client-config.ts';
import { buildComplaint, type Complaint } from './complaint.ts';
import { name, named, origin, settings } from './fields.ts';

const clientFile = settings({
  default_profile: v.optional(name),
  notify: v.optional(v.boolean()),
  profiles: v.optional(
    named(name, settings({ server: origin, keychain: v.optional(v.picklist(['os', 'file'])) })),
    {},
  ),
});

type ClientFile = v.InferOutput<typeof clientFile>;

export type DecodedClientConfig =
  | { readonly ok: true; readonly config: ClientConfig }
  | { readonly ok: false; readonly complaints: readonly Complaint[] };

/** The settings in a parsed `config.toml`, or everything that is wrong with them. */
export function decodeClientConfig(value: unknown): DecodedClientConfig {
  const parsed = v.safeParse(clientFile, value);
  if (!parsed.success) return { ok: false, complaints: parsed.issues.map(buildComplaint) };
  const chosen = parsed.output.default_profile;
  if (chosen !== undefined && !Object.hasOwn(parsed.output.profiles, chosen)) {
    return { ok: false, complaints: [{ path: ['default_profile'], why: `there is no profile "${chosen}"` }] };
  }
  return { ok: true, config: buildConfig(parsed.output) };
}

function buildConfig(file: ClientFile): ClientConfig {
  const profiles = Object.entries(file.profiles).map(
    ([key, { server, keychain }]): [string, ClientProfile] => [
      key,
      { server, ...(keychain === undefined ? {} : { keychain }) },
    ],
  );
  return {
    ...(file.default_profile === undefined ? {} : { defaultProfile: file.default_profile }),
    ...(file.notify === undefined ? {} : { notify: file.notify }),
    profiles: Object.fromEntries(profiles),
  };
}

/** As it is written to the file. */
export function encodeClientConfig(config: ClientConfig): v.InferInput<typeof clientFile> {
  return {
    ...(config.defaultProfile === undefined ? {} : { default_profile: config.defaultProfile }),
    ...(config.notify === undefined ? {} : { notify: config.notify }),
    profiles: Object.fromEntries(
      Object.entries(config.profiles).map(([key, profile]) => [key, { ...profile }]),
    ),
  };
}
