import type { Principal } from '../principal.ts';

/** The people that the server knows, as far as it knows them: to say who could approve. */
export interface Directory {
  list(): Promise<readonly Principal[]>;
}
