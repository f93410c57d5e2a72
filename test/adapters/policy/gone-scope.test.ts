import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openCedarPolicy } from '../../../src/adapters/policy/cedar.ts';
import { readPolicyFolder } from '../../../src/adapters/policy/folder.ts';
import { SAMPLE_CATALOGUE } from '../../../src/core/config/default.ts';
import type { PolicyAction } from '../../../src/core/ports/policy.ts';
import { buildPermission } from '../../../src/testing/policy-situations.ts';

const folder = fileURLToPath(new URL('../../../examples/policies', import.meta.url));
const engine = await openCedarPolicy({ files: await readPolicyFolder(folder), catalogue: SAMPLE_CATALOGUE });

function ask(action: PolicyAction, groups: readonly string[]): boolean {
  const question = buildPermission(action, { subject: 'dev:somebody', groups });
  const scope = { ...question.scope, name: 'prod:gone.read' };
  return engine.permits({ ...question, scope }).allowed;
}

describe('S15: a scope that left the catalogue', () => {
  it('can still be taken away by whoever the rules let revoke, and by nobody else', () => {
    expect(ask('revoke', ['engineers', 'dba'])).toBe(true);
    expect(ask('revoke', ['engineers'])).toBe(false);
  });

  it('cannot be approved', () => {
    expect(ask('approve', ['engineers', 'dba'])).toBe(false);
  });
});
