import { fail } from '../../../core/errors.ts';
import type { ApprovalBackend } from '../../../core/ports/backend.ts';

type Missing = Omit<
  ApprovalBackend,
  | 'address'
  | 'readPerson'
  | 'listScopes'
  | 'preview'
  | 'submit'
  | 'abandon'
  | 'readStatus'
  | 'readGrant'
  | 'reportUse'
  | 'revoke'
>;

/** What an OAuth provider has no word for, in the words of whoever asks for it. */
export function refuseTheRest(address: string): Missing {
  const refuse = (what: string) => (): Promise<never> =>
    Promise.reject(fail('not_offered', { address, what }));
  const reviewing = refuse('reviewers: who may have what is decided by the provider alone');
  return {
    readRequest: refuse('looking at a request: it is decided while it is asked'),
    follow: refuse('waiting for a request: it is decided while it is asked'),
    claim: refuse('delivering a token again; ask for a new one'),
    cancel: refuse('taking a request back: it is decided while it is asked'),
    listHistory: refuse('a history'),
    readInbox: reviewing,
    readDossier: reviewing,
    approve: reviewing,
    deny: reviewing,
    reviewAfterwards: reviewing,
    listRevocable: refuse('grants that are not held on this machine'),
    revokeMany: refuse('taking away grants that are not held on this machine'),
  };
}
