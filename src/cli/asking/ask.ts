import { findDefaultSeconds, findMaxSeconds, requireCovered } from '../../core/ask.ts';
import { findSharedTargets, requireScope, requireTarget, type ScopeEntry } from '../../core/catalogue.ts';
import { formatDuration, formatTypedDuration } from '../../core/duration-text.ts';
import { fail } from '../../core/errors.ts';
import type { Asked } from '../../core/request.ts';
import type { ScopeView } from '../../core/view.ts';
import { complainOf, readDuration } from '../options.ts';
import type { World } from '../world.ts';

/** What was typed; everything that is missing is asked, or its flag is named. */
export type AskedFlags = {
  readonly scopes: readonly string[];
  readonly on?: string | undefined;
  readonly for?: string | undefined;
  readonly reason?: string | undefined;
  readonly ticket?: string | undefined;
  readonly breakGlass?: boolean | undefined;
  /** What a scope is named with where it is no argument. */
  readonly scopeFlag?: string | undefined;
};

/** The complete question: flags first, then the only choice there is, then a prompt, else the flag's name (exit 2). */
export async function completeAsked(
  world: World,
  flags: AskedFlags,
  catalogue: readonly ScopeView[],
): Promise<Asked> {
  const scopes = flags.scopes.length > 0 ? flags.scopes : [await askScope(world, catalogue, flags)];
  const entries = scopes.map((scope) => requireScope({ scopes: catalogue.map(readEntry) }, scope));
  const known = { targets: catalogue.flatMap(({ targets }) => targets) };
  const typedSeconds = flags.for === undefined ? undefined : readDuration(world, flags.for);
  // Before the first question: what was typed is not asked about in the end.
  if (flags.on !== undefined) requireTarget(known, flags.on);
  const target = flags.on ?? (await askTarget(world, entries));
  requireCovered(entries, { target, durationSeconds: typedSeconds ?? 0 });
  const durationSeconds = typedSeconds ?? (await askDuration(world, entries));
  return {
    scopes,
    target,
    durationSeconds,
    reason: flags.reason ?? (await askReason(world, catalogue, scopes)),
    ticket: flags.ticket ?? (await askTicket(world, catalogue, scopes)),
    extendsGrantId: null,
    breakGlass: flags.breakGlass ?? false,
  };
}

function readEntry(view: ScopeView): ScopeEntry {
  return { ...view, targets: view.targets.map((target) => target.name) };
}

function requirePrompt(world: World, what: string, flag: string): void {
  if (!world.terminal.interactive) throw fail('missing_answer', { what, flag });
}

async function askScope(
  world: World,
  catalogue: readonly ScopeView[],
  { scopeFlag }: AskedFlags,
): Promise<string> {
  const flag = scopeFlag ? `${scopeFlag} prod:db.read` : 'the scope, as in: jit request prod:db.read';
  requirePrompt(world, 'the scope', flag);
  const possible = catalogue.filter((scope) => scope.targets.some((target) => target.outcome !== 'denied'));
  if (possible.length === 0) throw fail('forbidden', { why: 'policy allows you no scope at the moment' });
  return world.terminal.select({
    message: 'Scope',
    choices: possible.map((scope) => ({
      name: scope.name,
      value: scope.name,
      description: `${scope.description} · at most ${formatDuration(scope.maxSeconds)} · ${describeForecast(scope)}`,
    })),
  });
}

function describeForecast(scope: ScopeView): string {
  return scope.targets.some((target) => target.outcome === 'automatic') ? 'granted at once' : 'people decide';
}

async function askTarget(world: World, entries: readonly ScopeEntry[]): Promise<string> {
  const shared = findSharedTargets(entries);
  const [only] = shared;
  if (only === undefined)
    throw fail('usage', { why: 'these scopes share no target: ask for them one by one' });
  if (shared.length === 1) return only;
  requirePrompt(world, 'the target', `--on ${shared.join('|')}`);
  return world.terminal.select({ message: 'Target', choices: shared.map((name) => ({ name, value: name })) });
}

async function askDuration(world: World, entries: readonly ScopeEntry[]): Promise<number> {
  const usual = findDefaultSeconds(entries);
  if (!world.terminal.interactive) return usual;
  const answer = await world.terminal.input({
    message: `How long (at most ${formatDuration(findMaxSeconds(entries))})`,
    initial: formatTypedDuration(usual),
    complain: (text) => complainOf(() => readDuration(world, text)) ?? complainOfLength(world, text, entries),
  });
  return readDuration(world, answer);
}

function complainOfLength(world: World, text: string, entries: readonly ScopeEntry[]): string | undefined {
  const maxSeconds = findMaxSeconds(entries);
  return readDuration(world, text) > maxSeconds ? `that is over ${formatDuration(maxSeconds)}` : undefined;
}

async function askReason(
  world: World,
  catalogue: readonly ScopeView[],
  scopes: readonly string[],
): Promise<string> {
  const least = Math.max(0, ...pick(catalogue, scopes).map((scope) => scope.minimumReasonLength));
  if (least === 0 && !world.terminal.interactive) return '';
  requirePrompt(world, 'the reason', '--reason "why you need it"');
  return world.terminal.input({
    message: least > 1 ? `Reason (at least ${least} characters)` : 'Reason',
    complain: (text) => {
      const missing = least - [...text.trim()].length;
      return missing > 0 ? `at least ${least} characters, please: ${missing} more` : undefined;
    },
  });
}

async function askTicket(
  world: World,
  catalogue: readonly ScopeView[],
  scopes: readonly string[],
): Promise<string | null> {
  if (!pick(catalogue, scopes).some((scope) => scope.needsTicket)) return null;
  requirePrompt(world, 'the ticket', '--ticket INC-4211');
  return world.terminal.input({
    message: 'Ticket',
    complain: (text) => (text.trim() === '' ? 'policy wants a ticket here' : undefined),
  });
}

function pick(catalogue: readonly ScopeView[], scopes: readonly string[]): readonly ScopeView[] {
  return catalogue.filter((scope) => scopes.includes(scope.name));
}
