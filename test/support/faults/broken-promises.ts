import type { Told } from './history.ts';

type Row = { readonly id: string; readonly state: string };

/** How far a state is along its way; those of one rank are final and exclude each other, or are the same. */
const RANKS: Readonly<Record<string, number>> = {
  pending: 0,
  approved: 1,
  claimed: 2,
  denied: 2,
  cancelled: 2,
  lapsed: 2,
  provisioning: 10,
  active: 11,
  revoking: 12,
  ended: 13,
};
const FINAL = new Set(['claimed', 'denied', 'cancelled', 'lapsed', 'ended']);

/**
 * What clients were told, against itself and against what is on record in the end: one decision (I2), nothing that goes
 * back, nothing live after its end was acknowledged, nothing forgotten that was acknowledged.
 */
export function findBrokenPromises(told: readonly Told[], rows: readonly Row[]): readonly string[] {
  const byId = new Map<string, Told[]>();
  for (const fact of told) byId.set(fact.id, [...(byId.get(fact.id) ?? []), fact]);
  const known = new Map(rows.map((row) => [row.id, row]));
  return [...byId].flatMap(([id, facts]) => judge(facts, { id, row: known.get(id) }));
}

function judge(
  facts: readonly Told[],
  { id, row }: { readonly id: string; readonly row: Row | undefined },
): readonly string[] {
  const inOrder = facts.toSorted((left, right) => left.endedMs - right.endedMs);
  return [...findTwoEnds(inOrder, id), ...findStepsBack(inOrder, id), ...findLost(inOrder, { id, row })];
}

function findTwoEnds(facts: readonly Told[], id: string): readonly string[] {
  const ends = new Set(
    facts.flatMap((fact) => ('state' in fact && FINAL.has(fact.state) ? [fact.state] : [])),
  );
  return ends.size > 1 ? [`I2: ${id} was told to be ${[...ends].join(' and ')}`] : [];
}

// An answer is held only against those that were begun after it had come: two at once may be told in any order.
function findStepsBack(facts: readonly Told[], id: string): readonly string[] {
  const complaints = facts.flatMap((before) =>
    facts
      .filter((after) => after.startedMs >= before.endedMs)
      .flatMap((after) =>
        'state' in before && isStepBack(before.state, after) ? [describe(before, after)] : [],
      ),
  );
  return [...new Set(complaints)].map((complaint) => `${complaint} of ${id}`);
}

function isStepBack(before: string, after: Told): boolean {
  if ('isActive' in after) return after.isActive && rank(before) >= rank('revoking');
  return rank(after.state) < rank(before);
}

function describe(before: { readonly state: string }, after: Told): string {
  return 'isActive' in after
    ? `I1: a good token was told after "${before.state}"`
    : `I2: "${after.state}" was told after "${before.state}"`;
}

function findLost(
  facts: readonly Told[],
  { id, row }: { readonly id: string; readonly row: Row | undefined },
): readonly string[] {
  const states = facts.flatMap((fact) => ('state' in fact ? [fact.state] : []));
  if (states.length === 0) return [];
  if (!row) return [`${id} was acknowledged and is not on record`];
  const isLost = (state: string): boolean =>
    FINAL.has(state) ? row.state !== state : rank(row.state) < rank(state);
  return [...new Set(states.filter(isLost))].map(
    (state) => `${id} was told as ${state} and is ${row.state} on record`,
  );
}

function rank(state: string): number {
  return RANKS[state] ?? -1;
}
