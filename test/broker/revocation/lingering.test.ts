import { describe, expect, it } from 'vitest';
import { findLingering } from '../../../src/broker/grant/certificates.ts';
import type { CertificateAuthority } from '../../../src/core/ports/certificates.ts';
import type { Connector } from '../../../src/core/ports/connector.ts';
import { buildGrant, buildRequest } from '../../../src/testing/store/rows.ts';

const OPENED_AT = 1_000_000;
const NOW = OPENED_AT + 10_000;

/** Certificates of 30 s since it was opened; before, nobody knows. */
const authority: Pick<CertificateAuthority, 'lifetimeMs' | 'earlier'> = {
  lifetimeMs: 30_000,
  earlier: { until: OPENED_AT, lifetimeMs: 120_000 },
};

function find(lastUsedAt: number | null, expiresAt = NOW + 3_600_000) {
  const connector = { kind: 'ssh', certificates: authority } as Connector;
  const grant = buildGrant(buildRequest({ target: 'web' }), { lastUsedAt, expiresAt });
  return findLingering({ connectors: new Map([['web', connector]]) }, grant, NOW);
}

describe('what was signed for a grant', () => {
  it('S5: lingers as long as it is good, and never beyond the grant', () => {
    expect(find(null)).toBeNull();
    expect(find(OPENED_AT + 5_000)).toBe(OPENED_AT + 35_000);
    expect(find(OPENED_AT + 5_000, NOW + 1_000)).toBe(NOW + 1_000);
    expect(find(NOW - 30_000 + 1)).toBe(OPENED_AT - 20_000 + 1 + 120_000);
  });

  it('S5: of a time when other settings may have held, it lingers as long as any certificate could', () => {
    expect(find(OPENED_AT - 1)).toBe(OPENED_AT - 1 + 120_000);
    expect(find(NOW - 120_000)).toBeNull();
    expect(find(OPENED_AT)).toBe(OPENED_AT + 30_000);
  });
});
