import * as v from 'valibot';
import type { ClientConfig, ClientProfile } from '../client-config.ts';
import { buildProfile, encodeProfile, profileFile } from './backends/profile.ts';
import { buildComplaint, type Complaint } from './complaint.ts';
import { name, named, settings } from './fields.ts';

const clientFile = settings({
  default_profile: v.optional(name),
  notify: v.optional(v.boolean()),
  profiles: v.optional(named(name, profileFile), {}),
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
  const profiles = Object.entries(parsed.output.profiles).map(
    ([key, file]) => [key, buildProfile(key, file)] as const,
  );
  const [misnamed] = profiles.find(([, profile]) => profile === undefined) ?? [];
  if (misnamed !== undefined)
    return { ok: false, complaints: [{ path: ['profiles', misnamed], why: NAMING }] };
  const built = profiles.filter((entry): entry is [string, ClientProfile] => entry[1] !== undefined);
  return { ok: true, config: buildConfig(parsed.output, Object.fromEntries(built)) };
}

const NAMING = 'must be called by lower-case letters, digits, ".", "-" and "_" when its backend is a plugin';

function buildConfig(file: ClientFile, profiles: ClientConfig['profiles']): ClientConfig {
  return {
    ...(file.default_profile === undefined ? {} : { defaultProfile: file.default_profile }),
    ...(file.notify === undefined ? {} : { notify: file.notify }),
    profiles,
  };
}

/** As it is written to the file. */
export function encodeClientConfig(config: ClientConfig): Readonly<Record<string, unknown>> {
  return {
    ...(config.defaultProfile === undefined ? {} : { default_profile: config.defaultProfile }),
    ...(config.notify === undefined ? {} : { notify: config.notify }),
    profiles: Object.fromEntries(
      Object.entries(config.profiles).map(([key, profile]) => [key, encodeProfile(profile)]),
    ),
  };
}
