import type { Figures } from './figures.ts';

export type MeteredRequest = {
  /** The pattern of the path, never the path. */
  readonly route: string;
  readonly method: string;
  readonly status: number;
  readonly seconds: number;
};

/** How a server stands at this moment. */
export type Standing = {
  /** The checks that fail; a server with one is sent nobody. */
  readonly failing: readonly string[];
  /** Why nothing new is given for now. */
  readonly limits: readonly string[];
  /** Null while the store cannot be asked. */
  readonly figures: Figures | null;
};

/** Counts what this process does, and shows it with how things stand. MUST NOT throw from what counts. */
export interface Meter {
  countRequest(request: MeteredRequest): void;
  /** What became of a request for access, by the state that it came to. */
  countOutcome(outcome: string): void;
  /** From the end of a grant to the proof that nothing of it is left. */
  observeRevocation(seconds: number): void;
  /** All of it as the reader wants it, with the media type that belongs to it. */
  render(standing: Standing): Promise<{ readonly type: string; readonly text: string }>;
  close(): void;
}
