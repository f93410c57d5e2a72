import type { GrantId } from '../grant.ts';
import type { NoticeId } from '../notice.ts';
import type { RequestId } from '../request.ts';

/** New names. MUST be unguessable and, within one process, sort by the time they were made at. */
export interface Ids {
  newRequestId(): RequestId;
  newGrantId(): GrantId;
  newTokenId(): string;
  newEventId(): string;
  newNoticeId(): NoticeId;
}
