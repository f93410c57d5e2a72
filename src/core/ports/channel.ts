import type { Notice } from '../notice.ts';
import type { Instant } from '../time.ts';
import type { RequestView } from '../view.ts';

/** What is to be told. `request` is as it is when it is sent, which may be later than what the notice tells of. */
export type ChannelMessage = {
  readonly notice: Notice;
  readonly request: RequestView;
  /** What this channel made of earlier notices of the same request, oldest first. */
  readonly references: readonly string[];
};

/**
 * A way to reach reviewers. `deliver` MUST resolve only when the other side accepted, MUST be safe to repeat with the
 * same notice id, and rejects with `channel_failed` otherwise; the broker tries again. MUST carry no secret (I5) and
 * MUST neutralise what people wrote (S12).
 */
export interface Channel {
  readonly name: string;
  deliver(
    message: ChannelMessage,
    options: { readonly deadlineAt: Instant },
  ): Promise<{ readonly reference: string | null }>;
  close(): Promise<void>;
}
