import type { PropsWithChildren } from 'hono/jsx';
import { formatDuration } from '../../../../core/duration-text.ts';
import { removeHidden } from '../../../../core/text.ts';
import type { DossierView } from '../../../../core/view.ts';
import { Said, What } from '../marks.tsx';
import { Clock, Distance, type PageClock } from '../moments.tsx';
import { toSentence } from '../sentence.ts';

type DossierProps = { readonly dossier: DossierView; readonly clock: PageClock };

/** Who asks what, where, how long, why. */
export function AskedFacts({ dossier, clock }: DossierProps) {
  const { request, requester, from } = dossier;
  return (
    <dl class="facts">
      <Fact name="Who">
        <strong>{removeHidden(requester.name)}</strong>
        {requester.kind === 'workload' ? ' (a workload)' : ''}
        <span class="soft">{removeHidden(requester.groups.join(', '))}</span>
      </Fact>
      <Fact name="What">
        <What scopes={request.scopes} target={request.target} />
        <Narrowed dossier={dossier} />
      </Fact>
      <Fact name="How long">{formatDuration(request.durationSeconds)}</Fact>
      <Fact name="Why">
        <blockquote>
          <Said text={request.reason} />
        </blockquote>
      </Fact>
      {request.ticket === null ? null : (
        <Fact name="Ticket">
          <span class="ticket">{removeHidden(request.ticket)}</span>
        </Fact>
      )}
      <Fact name="Asked">
        <Clock at={request.createdAt} clock={clock} />
        <span class="soft">
          <Distance at={request.createdAt} clock={clock} />
        </span>
      </Fact>
      <Fact name="From">
        <span class="value">{removeHidden(from.ip)}</span>
        <span class="soft">
          {`logged in by ${from.method} `}
          <Distance at={from.loggedInAt} clock={clock} />
        </span>
      </Fact>
      <Deciders request={request} />
      <Fact name="Request">
        <span class="value">{request.id}</span>
        {request.extendsGrantId === null ? null : (
          <span class="soft">
            more time for <a href={`/grants/${request.extendsGrantId}`}>{request.extendsGrantId}</a>
          </span>
        )}
      </Fact>
    </dl>
  );
}

const MOST_NAMED = 8;

/** Who else could decide, as far as is known, and the channels that called them. */
function Deciders({ request: { canApprove, told } }: { readonly request: DossierView['request'] }) {
  if (canApprove.length === 0) return null;
  const named = canApprove.slice(0, MOST_NAMED).join(', ');
  const more = canApprove.length > MOST_NAMED ? ` and ${canApprove.length - MOST_NAMED} more` : '';
  return (
    <Fact name="Can decide">
      {removeHidden(named + more)}
      {told.length > 0 ? <span class="soft">{`told on ${told.join(', ')}`}</span> : null}
    </Fact>
  );
}

/** What was asked at first, where a reviewer has approved less since. */
function Narrowed({ dossier: { request } }: Pick<DossierProps, 'dossier'>) {
  const { originally } = request;
  const isSame =
    originally.durationSeconds === request.durationSeconds &&
    originally.scopes.join(' ') === request.scopes.join(' ');
  if (isSame) return null;
  return (
    <span class="soft">
      {removeHidden(
        `Asked at first: ${originally.scopes.join(', ')} for ${formatDuration(originally.durationSeconds)}.`,
      )}
    </span>
  );
}

/** What differs from what this person did before: first, because it is what a reviewer would miss. */
export function Unusual({ dossier }: Pick<DossierProps, 'dossier'>) {
  if (dossier.unusual.length === 0)
    return <p class="usual soft">Nothing about it is unusual for this person.</p>;
  return (
    <div class="message notice">
      <strong>Unusual for this person</strong>
      <ul>
        {dossier.unusual.map((sentence) => (
          <li>{removeHidden(toSentence(sentence))}</li>
        ))}
      </ul>
    </div>
  );
}

export function Fact({ name, children }: PropsWithChildren<{ readonly name: string }>) {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
