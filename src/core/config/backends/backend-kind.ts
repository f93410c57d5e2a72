import type * as v from 'valibot';
import type { BackendChoice } from '../../client-config.ts';
import type { Complaint } from '../complaint.ts';

/** What a profile says of one kind of backend: its settings, besides `backend` and `keychain`. */
export type BackendKind = {
  /** For complaints: what is written as `backend`. */
  readonly name: string;
  readonly matches: (backend: string) => boolean;
  readonly entries: v.ObjectEntries;
  /** What the entries do not say: settings that do not fit each other. */
  complain?(file: ProfileFile): readonly Complaint[];
  /** Where the backend is, as everything on this machine is filed under; `profile` is the profile's name. */
  findServer(file: ProfileFile, profile: string): string;
  /** Undefined for a jit server. */
  build(file: ProfileFile): BackendChoice | undefined;
  /** What `build` read, as it was written; undefined for a choice of another kind. */
  encode(choice: BackendChoice): Readonly<Record<string, unknown>> | undefined;
};

/** A profile as `entries` has read it. */
export type ProfileFile = Readonly<Record<string, unknown>> & { readonly backend: string };

type FileOf<E extends v.ObjectEntries> = v.InferOutput<v.StrictObjectSchema<E, undefined>> & {
  readonly backend: string;
};

/** A kind, with its settings typed as its schema reads them. */
export function defineBackendKind<const E extends v.ObjectEntries>(kind: {
  readonly name: string;
  readonly matches: (backend: string) => boolean;
  readonly entries: E;
  complain?(file: FileOf<E>): readonly Complaint[];
  findServer(file: FileOf<E>, profile: string): string;
  build(file: FileOf<E>): BackendChoice | undefined;
  encode(choice: BackendChoice): Readonly<Record<string, unknown>> | undefined;
}): BackendKind {
  const { complain = () => [] } = kind;
  return {
    ...kind,
    complain: (file) => complain(file as FileOf<E>),
    findServer: (file, profile) => kind.findServer(file as FileOf<E>, profile),
    build: (file) => kind.build(file as FileOf<E>),
  };
}
