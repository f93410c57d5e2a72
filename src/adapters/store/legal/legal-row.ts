import { fail } from '../../../core/errors.ts';

type Row = { readonly id: string; readonly state: string; readonly version: number };
type Update = { readonly before: Row; readonly after: Row };

/** Throws `failed`: no caller may ever ask for what does not hold here. */
export function requireThat(holds: boolean, why: string): void {
  if (!holds) throw fail('failed', { why });
}

export function requireNextVersion({ before, after }: Update): void {
  requireThat(before.id === after.id, `${before.id} cannot become ${after.id}`);
  requireThat(
    after.version === before.version + 1,
    `${before.id} must move to version ${before.version + 1}`,
  );
}

export function describe({ before, after }: Update): string {
  return `${before.id} cannot go from ${before.state} to ${after.state}`;
}
