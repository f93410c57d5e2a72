import * as v from 'valibot';
import { buildComplaint, type Complaint } from './complaint.ts';
import * as field from './fields.ts';

const KINDS = {
  text: v.pipe(v.string(), v.maxLength(4096)),
  secret: field.secret,
  address: field.callUrl,
  number: v.number(),
  boolean: v.boolean(),
  duration: field.duration,
  list: v.array(v.pipe(v.string(), v.maxLength(4096))),
} as const;

/** The settings of a plugin as a schema. A kind with `?` may be left out. `undefined` for a kind that there is not. */
export function buildSettingEntries(
  kinds: Readonly<Record<string, string>>,
): Readonly<Record<string, v.GenericSchema>> | undefined {
  const entries = Object.entries(kinds).map(([name, kind]) => [name, buildEntry(kind)] as const);
  if (entries.some(([, entry]) => entry === undefined)) return undefined;
  return Object.fromEntries(entries) as Readonly<Record<string, v.GenericSchema>>;
}

function buildEntry(kind: string): v.GenericSchema | undefined {
  const name = kind.replace(/\?$/, '');
  if (!Object.hasOwn(KINDS, name)) return undefined;
  const schema: v.GenericSchema = KINDS[name as keyof typeof KINDS];
  return kind.endsWith('?') ? v.optional(schema) : schema;
}

export type DecodedSettings =
  | { readonly ok: true; readonly settings: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly complaints: readonly Complaint[] };

/** The settings of a plugin, where no schema of a configuration has read them. */
export function decodeSettings(
  kinds: Readonly<Record<string, string>>,
  value: Readonly<Record<string, unknown>>,
): DecodedSettings {
  const entries = buildSettingEntries(kinds);
  if (!entries)
    return { ok: false, complaints: [{ path: [], why: 'has a setting of no kind that there is' }] };
  const parsed = v.safeParse(field.settings(entries), value);
  if (parsed.success) return { ok: true, settings: parsed.output as Readonly<Record<string, unknown>> };
  return { ok: false, complaints: parsed.issues.map(buildComplaint) };
}
