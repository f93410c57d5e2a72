import { fail } from '../core/errors.ts';
import type { ApprovalBackend } from '../core/ports/backend.ts';
import type { PluginBackend } from './api.ts';

/** A whole backend, and what ends it. */
export type OpenPluginBackend = {
  readonly backend: ApprovalBackend;
  readonly close: () => Promise<void>;
};

type Methods = Omit<ApprovalBackend, 'address' | 'reportUse' | 'abandon'>;

/** By name, so that the compiler misses none. */
const METHODS: Readonly<Record<keyof Methods, true>> = {
  readPerson: true,
  listScopes: true,
  preview: true,
  submit: true,
  readRequest: true,
  follow: true,
  claim: true,
  cancel: true,
  readStatus: true,
  listHistory: true,
  readInbox: true,
  readDossier: true,
  approve: true,
  deny: true,
  reviewAfterwards: true,
  listRevocable: true,
  revokeMany: true,
  readGrant: true,
  revoke: true,
};

/** What a backend may do, as programs call it. */
export const BACKEND_METHODS: readonly string[] = Object.keys(METHODS).map(nameOnWire);

function nameOnWire(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** What a plugin leaves out rejects with `not_offered`. */
export function completeBackend(opened: PluginBackend, address: string): OpenPluginBackend {
  const methods = Object.keys(METHODS).map((name) => {
    const own = opened[name as keyof Methods];
    const missing = (): Promise<never> =>
      Promise.reject(fail('not_offered', { address, what: nameOnWire(name) }));
    return [name, own ? own.bind(opened) : missing];
  });
  return {
    backend: { address, ...(Object.fromEntries(methods) as Methods) },
    close: async () => opened.close?.(),
  };
}
