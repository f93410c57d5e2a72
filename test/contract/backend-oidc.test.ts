import { afterAll, beforeAll, describe, it } from 'vitest';
import { take } from '../../src/client/request.ts';
import type { ApprovalBackend } from '../../src/core/ports/backend.ts';
import type { Asked } from '../../src/core/request.ts';
import { backendSuite } from '../../src/testing/backend.ts';
import { openProviderParts, type ProviderDesk } from '../support/alone/desk.ts';
import { type AloneProvider, startAloneProvider } from '../support/alone/provider.ts';

let provider: AloneProvider;
let desk: ProviderDesk;

beforeAll(async () => {
  provider = await startAloneProvider({ dpop: true, details: true });
  desk = openProviderParts(provider);
  await desk.login();
});
afterAll(() => provider[Symbol.asyncDispose]());

const READ: Asked = {
  scopes: ['prod:db.read'],
  target: 'orders',
  durationSeconds: 600,
  reason: 'INC-4211 slow checkout',
  ticket: null,
  extendsGrantId: null,
  breakGlass: false,
};

/** What is granted is kept on this machine, as `jit request` keeps it: there is no other list of it. */
function keeping({ backend, parts }: ProviderDesk): ApprovalBackend {
  return {
    ...backend,
    submit: async (submission) => {
      const answer = await backend.submit(submission);
      if (answer.claimed) await take({ ...parts, backend, clock: CLOCK }, answer.claimed);
      return answer;
    },
  };
}

const CLOCK = { now: () => Date.now(), monotonicMs: () => performance.now(), sleep: async () => undefined };

describe('an OAuth provider alone', () => {
  backendSuite(
    { test: it },
    async () => ({
      backend: keeping(desk),
      now: () => Date.now(),
      automatic: READ,
      reviewed: null,
      close: async () => undefined,
    }),
    {
      lacks: [
        'readRequest',
        'follow',
        'claim',
        'cancel',
        'listHistory',
        'readInbox',
        'readDossier',
        'approve',
        'deny',
        'reviewAfterwards',
        'listRevocable',
        'revokeMany',
      ],
    },
  );
});
