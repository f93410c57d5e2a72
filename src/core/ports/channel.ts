import type { Notice } from '../notice.ts';
import type { Instant } from '../time.ts';
import type { GrantView, RequestView } from '../view.ts';

/** What is to be told. `request` is as it is when it is sent, which may be later than what the notice tells of. */
export type ChannelMessage = {
  readonly notice: Notice;
  readonly request: RequestView;
  /** Of the request, as it is when it is sent; with notices that tell of a grant, and for channels that keep cards. */
  readonly grant?: GrantView;
  /** What this channel made of other notices of the same request, oldest first. */
  readonly references: readonly string[];
};

/** `isGone`: the other side wants no such notice, and will not want it later either. */
export type Delivered = { readonly reference: string | null; readonly isGone?: true };

/**
 * A way to reach reviewers. `deliver` MUST resolve only when the other side accepted, MUST be safe to repeat with the
 * same notice id, and rejects with `channel_failed` otherwise; the broker tries again. MUST carry no secret (I5) and
 * MUST neutralise what people wrote (S12). Notices of one request come one after another; they may come in another order
 * than they were made in.
 */
export interface Channel {
  readonly name: string;
  /**
   * What it makes of a notice is changed by those that follow. Only such a channel gets `request.changed`, for which it MUST
   * make nothing new and call nobody: where nothing of the request is there, that is `isGone`.
   */
  readonly keepsCards?: true;
  deliver(message: ChannelMessage, options: { readonly deadlineAt: Instant }): Promise<Delivered>;
  close(): Promise<void>;
}
