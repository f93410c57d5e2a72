import type { Grant } from '../../core/grant.ts';
import type { Work, WorkKind } from '../../core/ports/store.ts';
import type { AccessRequest } from '../../core/request.ts';
import type { Instant } from '../../core/time.ts';

type Due = { readonly kind: WorkKind; readonly dueAt: Instant };

const UNTRIED = { attempts: 0, lastError: null } as const;

/** Of each kind there is one work at most for a request, a grant or a notice: to queue it again moves it. */
export function buildWorkId(kind: WorkKind, subjectId: string): string {
  return `${kind}:${subjectId}`;
}

/** The request, grant or notice that a work of this kind is about. */
export function readSubjectId({ id, kind }: Pick<Work, 'id' | 'kind'>): string {
  return id.slice(buildWorkId(kind, '').length);
}

/** Work that is about a request. */
export function buildRequestWork({ id }: Pick<AccessRequest, 'id'>, { kind, dueAt }: Due): Work {
  return { id: buildWorkId(kind, id), kind, requestId: id, grantId: null, target: null, dueAt, ...UNTRIED };
}

/** Work that is about a grant; its turn is its target's. */
export function buildGrantWork(
  grant: Pick<Grant, 'id' | 'requestId' | 'target'>,
  { kind, dueAt }: Due,
): Work {
  const { id, requestId, target } = grant;
  return { id: buildWorkId(kind, id), kind, requestId, grantId: id, target, dueAt, ...UNTRIED };
}
