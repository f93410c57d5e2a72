import { openCedarPolicy } from '../src/adapters/policy/cedar.ts';
import type { Catalogue, ScopeEntry } from '../src/core/catalogue.ts';
import type { PolicyEngine, PolicyQuestion } from '../src/core/ports/policy.ts';

// One decision, in process: `node bench/policy.ts`. Budget: p50 ≤ 0.2 ms with 10 rules, ≤ 0.5 ms with 1,000.

const ROUNDS = 5000;
const NOW = Date.UTC(2026, 10, 18, 10, 0);
const TARGET = { name: 'orders', kind: 'token', audience: 'https://orders.example.com' };

function buildScope(index: number): ScopeEntry {
  return {
    name: `prod:db${index}.read`,
    description: 'Read production data',
    sensitivity: 'medium',
    defaultSeconds: 1800,
    maxSeconds: 14_400,
    targets: [TARGET.name],
  };
}

/**
 * One rule in `every` is a forbid for all scopes, the others are permits for one scope each: half of the scopes are
 * granted at once, half need people.
 */
function buildRule(index: number, scopes: readonly ScopeEntry[], every: number): string {
  if (index % every === every - 1) {
    return `@id("r${index}") forbid (principal, action in [Action::"activate", Action::"request"], resource)
      when { context.now > datetime("2030-01-01") && context.local.weekday == ${1 + (index % 7)} };`;
  }
  const scopeIndex = index % scopes.length;
  return `@id("r${index}") @reason_length("10") permit (principal in Group::"engineers",
    action == Action::"${scopeIndex % 2 === 0 ? 'activate' : 'request'}", resource == Scope::"${scopes[scopeIndex]?.name}")
    when { context.duration_seconds <= 3600 && context.ip.isInRange(ip("10.0.0.0/8")) };`;
}

function buildQuestion(scope: ScopeEntry, round: number): PolicyQuestion {
  return {
    principal: {
      subject: 'sub-1',
      name: 'dev',
      kind: 'person',
      person: 'sub-1',
      groups: ['engineers', 'oncall'],
    },
    scope,
    target: TARGET,
    purpose: 'ask',
    circumstances: {
      now: NOW + round,
      timeZone: 'Europe/Rome',
      durationSeconds: 1800,
      ip: '10.1.2.3',
      reason: 'INC-4211 slow checkout',
      ticket: null,
      login: { method: 'device', at: NOW - 60_000, strengths: [] },
    },
  };
}

async function measure(options: {
  readonly rules: number;
  readonly spread: number;
  readonly every: number;
}): Promise<void> {
  const { rules, spread, every } = options;
  const scopes = Array.from({ length: spread }, (_, index) => buildScope(index));
  const catalogue: Catalogue = { scopes, targets: [TARGET] };
  const text = Array.from({ length: rules }, (_, index) => buildRule(index, scopes, every)).join('\n');
  const openedAt = performance.now();
  const engine = await openCedarPolicy({ files: [{ name: 'bench.cedar', text }], catalogue });
  const openMs = performance.now() - openedAt;
  const samples = Array.from({ length: ROUNDS }, (_, round) => time(engine, scopes, round)).sort(
    (a, b) => a - b,
  );
  const at = (share: number) => `${(samples[Math.floor(ROUNDS * share)] ?? 0).toFixed(3)} ms`;
  console.log(
    `${rules} rules, 1 in ${every} for all of ${spread} scopes: p50 ${at(0.5)}, p99 ${at(0.99)}, opened in ${openMs.toFixed(0)} ms`,
  );
}

function time(engine: PolicyEngine, scopes: readonly ScopeEntry[], round: number): number {
  const scope = scopes[round % scopes.length];
  if (!scope) throw new Error('no scope');
  const question = buildQuestion(scope, round);
  const startedAt = performance.now();
  engine.decide(question);
  return performance.now() - startedAt;
}

await measure({ rules: 10, spread: 3, every: 10 });
await measure({ rules: 1000, spread: 100, every: 50 });
await measure({ rules: 1000, spread: 100, every: 10 });
