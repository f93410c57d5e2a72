import type { Figures } from './figures.ts';

export type MeteredRequest = {
  /** The pattern of the path, never the path. */
  readonly route: string;
  readonly method: string;
  readonly status: number;
  readonly seconds: number;
};

/** Counts what this process does, and shows it with what the store knows. MUST NOT throw from what counts. */
export interface Meter {
  countRequest(request: MeteredRequest): void;
  /** What became of a request for access, by the state that it came to. */
  countOutcome(outcome: string): void;
  /** From the end of a grant to the proof that nothing of it is left. */
  observeRevocation(seconds: number): void;
  /** All of it as the reader wants it, with the media type that belongs to it. */
  render(figures: Figures): Promise<{ readonly type: string; readonly text: string }>;
  close(): void;
}
