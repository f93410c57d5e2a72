import { removeHidden } from '../../../../core/text.ts';
import { Clock } from '../moments.tsx';
import type { RequestPageProps } from './props.ts';

/** What somebody else says of break-glass when it is over. */
export function AfterwardsForm({ frame, dossier, reason }: RequestPageProps) {
  const { request } = dossier;
  return (
    <>
      <h2>Your review of this break-glass</h2>
      <p>
        It was granted at once.{' '}
        {request.afterwards ? (
          <span class="soft">
            {request.afterwards.state === 'overdue' ? 'Its review was due at ' : 'Its review is due by '}
            <Clock at={request.afterwards.dueAt} clock={frame.clock} />.
          </span>
        ) : null}
      </p>
      <form method="post" action={`/requests/${request.id}/review`}>
        <input type="hidden" name="csrf" value={frame.csrf} />
        <div class="field">
          <label for="review-reason">What you found</label>
          <textarea id="review-reason" name="reason" rows={3} maxlength={1024} required>
            {removeHidden(reason ?? '')}
          </textarea>
        </div>
        <div class="actions">
          <button class="refuse" type="submit" name="outcome" value="objected">
            Object
          </button>
          <button class="primary" type="submit" name="outcome" value="accepted">
            Accept
          </button>
        </div>
      </form>
    </>
  );
}
