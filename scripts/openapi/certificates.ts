import { TARGET_PATTERN } from '../../src/core/scope.ts';
import type { Operation } from './operation.ts';

/** Certificates for ssh. */
export const certificates: readonly Operation[] = [
  {
    id: 'listSshTargets',
    method: 'get',
    path: '/v1/ssh-targets',
    tag: 'Grants',
    summary: 'Targets that one connects to by ssh',
    answer: 'SshTargets',
    errors: [],
  },
  {
    id: 'signCertificate',
    method: 'post',
    path: '/v1/grants/{id}/ssh-certificate',
    tag: 'Grants',
    summary: 'A certificate for one connection',
    description:
      'For the holder of a live grant on a target of kind `ssh`. It is good for two minutes at most and never beyond the grant; it cannot be taken back.',
    body: 'Certify',
    answer: 'Certificate',
    errors: ['not_found', 'no_grant', 'too_many', 'target_failed', 'in_quarantine'],
  },
  {
    id: 'readAuthority',
    method: 'get',
    path: '/v1/targets/{name}/ssh-ca',
    tag: 'Grants',
    summary: 'The key that the target is to trust',
    description: 'A line for the file that sshd’s `TrustedUserCAKeys` names.',
    parameters: [
      {
        name: 'name',
        in: 'path',
        required: true,
        schema: { type: 'string', pattern: TARGET_PATTERN.source },
      },
    ],
    answer: { 'text/plain': { schema: { type: 'string' } } },
    errors: ['not_found'],
    isOpen: true,
  },
];
