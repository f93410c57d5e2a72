export type Figures = { readonly count: number; readonly p50: number; readonly p99: number };

export function summarise(tookMs: readonly number[]): Figures {
  const sorted = tookMs.toSorted((left, right) => left - right);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { count: sorted.length, p50: at(0.5), p99: at(0.99) };
}

/** One line of the report: what, how much, and what it is held to. */
export type Line = {
  readonly what: string;
  readonly measured: string;
  readonly budget: string;
  readonly isMet: boolean;
};

export function printLine(engine: string, { what, measured, budget, isMet }: Line): void {
  const verdict = isMet ? '' : '  OVER';
  console.log(`${engine.padEnd(9)} ${what.padEnd(44)} ${measured.padEnd(56)} ${budget}${verdict}`);
}
