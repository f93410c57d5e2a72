import { describe, expect, it } from 'vitest';
import { normaliseAsked, requireAskable, requireObligations } from '../../src/core/ask.ts';
import { SAMPLE_CATALOGUE } from '../../src/core/config/default.ts';
import { combineVerdicts, NO_OBLIGATIONS } from '../../src/core/decision.ts';
import type { Asked } from '../../src/core/request.ts';
import { sampleAsked } from '../support/core-samples.ts';

const HIDDEN = ['\u001b[31m', '\n', '\u202e', '\u061c', '\u00ad', '\u{e0041}', '\u3164', '\u2800', '\ud800'];

const ask = (changes: Partial<Asked>) => requireAskable({ ...sampleAsked, ...changes }, SAMPLE_CATALOGUE);

describe('what was written for people to read', () => {
  it.each(HIDDEN)('S12, APR-03: is refused with %j in the reason', (hidden) => {
    expect(() => ask({ reason: `INC-4211 slow${hidden} checkout` })).toThrow(
      expect.objectContaining({ code: 'bad_reason' }),
    );
  });

  it.each(HIDDEN)('S12, APR-03: is refused with %j in the ticket', (hidden) => {
    expect(() => ask({ ticket: `INC-${hidden}4211` })).toThrow(
      expect.objectContaining({ code: 'bad_ticket' }),
    );
  });

  it('INP-01: is refused when it is too long, counted in bytes', () => {
    expect(ask({ reason: 'é'.repeat(512), ticket: 'x'.repeat(128) })).toHaveLength(2);
    expect(() => ask({ reason: `${'é'.repeat(512)}e` })).toThrow(
      expect.objectContaining({
        code: 'bad_reason',
        message: 'the reason is too long: 1025 bytes of at most 1024',
      }),
    );
    expect(() => ask({ ticket: 'é'.repeat(65) })).toThrow(expect.objectContaining({ code: 'bad_ticket' }));
  });

  it('may be in any language', () => {
    expect(ask({ reason: 'Überprüfung: 支払い שלום ✔️', ticket: 'ЗАДАЧА-7' })).toHaveLength(2);
  });

  it('is kept without the white space around it; a blank ticket is none', () => {
    expect(normaliseAsked({ ...sampleAsked, reason: ' why\u00a0', ticket: ' INC-1 ' })).toMatchObject({
      reason: 'why',
      ticket: 'INC-1',
    });
    expect(normaliseAsked({ ...sampleAsked, ticket: '  ' }).ticket).toBeNull();
  });
});

describe('a reason of ten characters', () => {
  const obligations = { ...NO_OBLIGATIONS, minimumReasonLength: 10 };
  const verdict = {
    scope: 'prod:db.read',
    outcome: 'automatic',
    rules: ['r'],
    reasons: [],
    advice: [],
  } as const;
  const decision = combineVerdicts([{ ...verdict, obligations }], { policyVersion: 'v', input: '{}' });
  const require = (reason: string) => requireObligations({ ...sampleAsked, reason }, decision);

  it('is ten that can be seen', () => {
    expect(() => require('INC-4211 x')).not.toThrow();
    for (const reason of ['\u3164'.repeat(10), `a${'\u0301'.repeat(9)}`, `a${' '.repeat(8)}b`]) {
      expect(() => require(reason)).toThrow(expect.objectContaining({ code: 'bad_reason' }));
    }
  });
});
