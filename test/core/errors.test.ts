import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fail, failAs, hasCode, isErrorCode, JitError } from '../../src/core/errors.ts';
import { everyCode, renderSample } from '../support/sources/error-samples.ts';

const document = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
const documented = [...document.matchAll(/^\| `(\w+)` +\| (.*) \|$/gm)].map(([, code, rest]) => ({
  code: code ?? '',
  cells: (rest ?? '').split(/(?<!\\) \| /).map((cell) => cell.replaceAll('\\|', '|').trim()),
}));

describe('docs/errors.md', () => {
  it('lists every error once, and none that there is not', () => {
    expect(documented.map(({ code }) => code).toSorted()).toEqual([...everyCode].toSorted());
  });

  it.each(documented)('says what $code really says', ({ code, cells }) => {
    expect(isErrorCode(code)).toBe(true);
    if (!isErrorCode(code)) return;
    const { exit, status, message, hint } = renderSample(code);
    const [exitCell, statusCell, messageCell, meaning, hintCell] = cells;
    expect([exitCell, statusCell, messageCell, hintCell]).toEqual([
      `${exit}`,
      `${status}`,
      message,
      hint || '–',
    ]);
    expect(meaning).toMatch(/^\p{Lu}.{15,}\.$/u);
  });
});

describe('every error', () => {
  it('has one of the documented exit codes and an HTTP error status', () => {
    for (const code of everyCode) {
      expect([1, 2, 3, 4, 5, 6, 7, 8, 126, 127, 130]).toContain(renderSample(code).exit);
      expect(renderSample(code).status).toBeGreaterThanOrEqual(400);
      expect(renderSample(code).status).toBeLessThan(600);
    }
  });

  it('has a hint, except where the person stopped it', () => {
    expect(everyCode.filter((code) => renderSample(code).hint === '')).toEqual(['interrupted']);
  });
});

describe('an error', () => {
  it('carries code, message, hint, exit code, status and the unknown cause', () => {
    const cause = new Error('ECONNREFUSED');
    const error = fail('unreachable', { address: 'https://jit.example.com', why: 'refused' }, cause);
    expect(error).toBeInstanceOf(JitError);
    expect(error).toMatchObject({ code: 'unreachable', exitCode: 8, status: 503, cause });
    expect(error.message).toBe('https://jit.example.com was not reached: refused');
    expect(hasCode(error, 'failed', 'unreachable')).toBe(true);
    expect(hasCode(error, 'failed')).toBe(false);
    expect(hasCode(cause, 'unreachable')).toBe(false);
  });

  it('of a newer server keeps its words and becomes "failed"; inherited names are no codes', () => {
    const text = { message: 'the moon is full', hint: 'wait' };
    expect(failAs({ code: 'werewolf', ...text })).toMatchObject({ code: 'failed', ...text, exitCode: 1 });
    expect(failAs({ code: 'denied', ...text })).toMatchObject({ code: 'denied', ...text, exitCode: 3 });
    expect(failAs({ code: 'toString', ...text }).code).toBe('failed');
    expect(failAs({ code: '__proto__', ...text }).code).toBe('failed');
  });
});
