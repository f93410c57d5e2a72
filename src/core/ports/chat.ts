import type { Instant } from '../time.ts';

/** Where one person is in a chat. */
export type ChatPlace = { readonly channelId: string; readonly userId: string };

export type ChatLink = { readonly label: string; readonly url: string };

export type ReasonForm = {
  /** The chat's own token for the click that opens the form; good for seconds. */
  readonly triggerId: string;
  readonly title: string;
  readonly requestId: string;
  /** Comes back with the answer, as it was. */
  readonly carried: string;
};

/**
 * What a chat shows to one person who clicked. Rejects with `channel_failed` where it did not; whoever calls has already
 * done, or refused, what was clicked for. MUST neutralise what people wrote (S12).
 */
export interface Chat {
  /** Only that person sees it. */
  whisper(
    to: ChatPlace,
    words: { readonly text: string; readonly link: ChatLink | null },
    options: { readonly deadlineAt: Instant },
  ): Promise<void>;
  /** Asks for the reason of a denial. */
  askReason(form: ReasonForm, options: { readonly deadlineAt: Instant }): Promise<void>;
}
