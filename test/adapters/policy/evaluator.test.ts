import { describe, expect, it } from 'vitest';
import { type Cedar, loadCedar } from '../../../src/adapters/policy/library.ts';
import { ask, openRules } from './questions.ts';

const RULES = '@id("a") permit (principal, action == Action::"activate", resource);';

/** A Cedar that crashes while `broken.now` is true, the way WebAssembly does. */
function buildFragile(broken: { now: boolean; loads: number }): () => Cedar {
  return () => {
    broken.loads += 1;
    const cedar = loadCedar();
    return {
      ...cedar,
      statefulIsAuthorized: (call) => {
        if (broken.now) throw new Error('unreachable');
        return cedar.statefulIsAuthorized(call);
      },
    };
  };
}

describe('S15: a crash of the engine', () => {
  it('S15: denies while it lasts, and is over with a new instance', async () => {
    const broken = { now: false, loads: 0 };
    const engine = await openRules(RULES, { load: buildFragile(broken) });
    expect(engine.decide(ask()).outcome).toBe('automatic');
    broken.now = true;
    const verdict = engine.decide(ask());
    expect(verdict.outcome).toBe('denied');
    expect(verdict.reasons[0]).toMatch(/nothing is granted: the policy engine failed \(Error: unreachable\)/);
    expect(engine.decide(ask()).outcome).toBe('denied');
    broken.now = false;
    expect(engine.decide(ask()).outcome).toBe('automatic');
    expect(engine.decide(ask()).outcome).toBe('automatic');
    expect(broken.loads).toBe(3);
  });

  it('S15: a real one, deep in the stack, denies; the next question is answered', async () => {
    const engine = await openRules(RULES);
    const outcomes: string[] = [];
    const dive = (): void => {
      try {
        dive();
      } finally {
        if (outcomes.length < 100) outcomes.push(engine.decide(ask()).outcome);
      }
    };
    expect(dive).toThrow(RangeError);
    expect(outcomes).toContain('denied');
    expect(engine.decide(ask()).outcome).toBe('automatic');
  });

  it('S15: an engine that cannot be loaded again goes on denying', async () => {
    const state = { loaded: false };
    const engine = await openRules(RULES, {
      load: () => {
        if (state.loaded) throw new Error('no memory');
        state.loaded = true;
        return { ...loadCedar(), statefulIsAuthorized: crashAfter(1) };
      },
    });
    expect(engine.decide(ask()).outcome).toBe('denied');
    expect(engine.decide(ask()).reasons[0]).toMatch(/no memory/);
  });
});

/** Answers the calls that warm the engine, then crashes. */
function crashAfter(calls: number): Cedar['statefulIsAuthorized'] {
  let left = calls;
  return () => {
    left -= 1;
    if (left < 0) throw new Error('unreachable');
    return {
      type: 'success',
      response: { decision: 'deny', diagnostics: { reason: [], errors: [] } },
      warnings: [],
    };
  };
}

it('two engines in one process do not see each other’s rules', async () => {
  const open = await openRules(RULES);
  const closed = await openRules('@id("a") forbid (principal, action, resource);');
  expect(open.decide(ask()).outcome).toBe('automatic');
  expect(closed.decide(ask()).outcome).toBe('denied');
  expect(open.decide(ask()).outcome).toBe('automatic');
});
