import { expect, it } from 'vitest';
import {
  buildGrantWork,
  buildRequestWork,
  buildWorkId,
  readSubjectId,
} from '../../../src/broker/work/queue.ts';

const grant = { id: 'gr_1', requestId: 'req_1', target: 'orders' } as const;

it('is about a request, or about a grant and its target, and was not tried yet', () => {
  expect(buildRequestWork({ id: 'req_1' }, { kind: 'lapse', dueAt: 5 })).toEqual({
    id: 'lapse:req_1',
    kind: 'lapse',
    requestId: 'req_1',
    grantId: null,
    target: null,
    dueAt: 5,
    attempts: 0,
    lastError: null,
  });
  expect(buildGrantWork(grant, { kind: 'remove', dueAt: 5 })).toMatchObject({
    id: 'remove:gr_1',
    requestId: 'req_1',
    grantId: 'gr_1',
    target: 'orders',
  });
});

it('has one id for each kind and subject, from which the subject is read again', () => {
  expect(buildWorkId('expire', 'gr_1')).toBe('expire:gr_1');
  expect(readSubjectId(buildGrantWork(grant, { kind: 'idle', dueAt: 5 }))).toBe('gr_1');
  expect(readSubjectId({ id: buildWorkId('deliver', 'no_1'), kind: 'deliver' })).toBe('no_1');
});
