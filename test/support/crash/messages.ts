import type { FaultPlace } from '../faults/config.ts';

/** What a server of the crash tests is prepared for. */
export type Arming = {
  /** The fail point where it stops for good; null: it only reports them. */
  readonly at: string | null;
  /** How far ahead its clock is from now on. */
  readonly skewMs: number;
  /** What is issued at the target does not work. */
  readonly probeFails: boolean;
};

/** What the test tells the program. Each server in it has a room of its own. */
export type CrashOrder =
  | {
      readonly kind: 'open';
      readonly room: number;
      readonly place: FaultPlace;
      readonly policies: string;
      /** For what happens while it starts. */
      readonly arming: Arming | null;
    }
  | { readonly kind: 'arm'; readonly room: number; readonly arming: Arming };

/** `recorded`: this event is in the store. */
export type CrashNews =
  | { readonly kind: 'ready' | 'armed' | 'frozen' }
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'recorded'; readonly event: string }
  | { readonly kind: 'passed'; readonly point: string };

export type CrashReport = { readonly room: number; readonly news: CrashNews };
