import { randomUUID } from 'node:crypto';
import type { ApprovalBackend, Submission } from '../../../src/core/ports/backend.ts';
import type { Claimed, RequestView } from '../../../src/core/view.ts';
import type { Arming } from './messages.ts';

export const CAST = { dev: 'dev', lead: 'dba-lead', onCall: 'on-call' } as const;
export type Role = keyof typeof CAST;

/** Those who take part, each with a session at the server. */
export type Cast = Readonly<Record<Role, ApprovalBackend>>;

/** What is so when the scene begins. */
export type Standing = { readonly request: RequestView; readonly claimed: Claimed | null };

/** One path through the server, to be cut at every write. */
export type Scene = {
  /** Before any write is counted. A session is opened with what is claimed here, and must be over at the end. */
  readonly prepare?: (cast: Cast) => Promise<Standing>;
  readonly act: (cast: Cast, standing: Standing | null) => Promise<unknown>;
  readonly arming?: Partial<Omit<Arming, 'at'>>;
  /** The path is complete with the answer, or once this event is on record. */
  readonly until: 'answer' | { readonly recorded: string };
  /** Some of the fail points that there must be. */
  readonly passes: readonly string[];
};

export const ENDED = { recorded: 'grant.ended' } as const;

export function buildSubmission(changes: Partial<Submission> = {}): Submission {
  return {
    scopes: ['prod:db.read'],
    target: 'orders',
    durationSeconds: 600,
    reason: 'INC-4211 slow checkout',
    ticket: null,
    extendsGrantId: null,
    breakGlass: false,
    idempotencyKey: randomUUID(),
    ...changes,
  };
}

/** Holds what is granted at once. */
export function hold(backend: ApprovalBackend): Promise<Standing> {
  return backend.submit(buildSubmission());
}

/** Has asked for what a person decides. */
export function ask(backend: ApprovalBackend): Promise<Standing> {
  return backend.submit(buildSubmission({ scopes: ['prod:db.write'] }));
}

export function approve(backend: ApprovalBackend, { request }: Standing): Promise<RequestView> {
  const { id, digest } = request;
  return backend.approve(id, { scopes: null, durationSeconds: null, reason: 'go on', digest });
}

/** Has asked, and a person has approved it. */
export async function askApproved({ dev, lead }: Cast): Promise<Standing> {
  const asked = await ask(dev);
  return { request: await approve(lead, asked), claimed: null };
}

/** The standing of a scene that has one. */
export function requireStanding(standing: Standing | null): Standing {
  if (!standing) throw new Error('the scene begins with nothing');
  return standing;
}

export function readGrantId(standing: Standing | null): string {
  return requireStanding(standing).claimed?.grant.id ?? '';
}
