import { formatDuration } from '../../../../core/duration-text.ts';
import { removeHidden } from '../../../../core/text.ts';
import type { RequestView } from '../../../../core/view.ts';
import { describeAsked, RequestMarks, Said, What } from '../marks.tsx';
import { Distance, type PageClock } from '../moments.tsx';

type RowProps = { readonly request: RequestView; readonly clock: PageClock };

/** One request in the inbox. What is shown here is what an approval from here names: the digest is over all of it. */
export function InboxRow({ request, clock }: RowProps) {
  const isOpen = request.state === 'pending';
  return (
    <li
      class={`row ${request.breakGlass ? 'loud' : ''}`}
      data-row={request.id}
      data-asked={describeAsked(request)}
      data-digest={isOpen ? request.digest : undefined}
    >
      <div class="row-who">
        <strong>{removeHidden(request.requestedBy)}</strong>
        <span class="soft">
          <Distance at={request.createdAt} clock={clock} />
        </span>
      </div>
      <a class="row-what" href={`/requests/${request.id}`} id={`open-${request.id}`}>
        <What scopes={request.scopes} target={request.target} />{' '}
        <span class="for">{`for ${formatDuration(request.durationSeconds)}`}</span>
        <span class="unseen">{`, asked by ${removeHidden(request.requestedBy)}`}</span>
      </a>
      <p class="row-why">
        {request.ticket === null ? null : (
          <>
            <span class="ticket">{removeHidden(request.ticket)}</span>{' '}
          </>
        )}
        <Said text={request.reason} />
      </p>
      <div class="row-state">
        <RequestMarks request={request} />
        <span class="soft">
          <Deadline request={request} clock={clock} />
        </span>
      </div>
    </li>
  );
}

function Deadline({ request, clock }: RowProps) {
  const { afterwards } = request;
  if (request.state === 'pending') {
    return (
      <>
        lapses <Distance at={request.lapsesAt} clock={clock} />
      </>
    );
  }
  if (afterwards === null) return <>{request.state}</>;
  return (
    <>
      {afterwards.state === 'overdue' ? 'was due ' : 'due '}
      <Distance at={afterwards.dueAt} clock={clock} />
    </>
  );
}
