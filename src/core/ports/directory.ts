import type { Principal } from '../principal.ts';

/** The people and workloads that the server knows, as far as it knows them: to say who could approve, and to find one by name. */
export interface Directory {
  /** False: there are more, who were never seen here. Nothing may be refused because a list is short. */
  readonly isComplete: boolean;
  list(): Promise<readonly Principal[]>;
  /** As they are now; undefined when the person is not, or no longer, there. */
  find(subject: string): Promise<Principal | undefined>;
}
