import type { SeenGrant } from '../../../../broker/view/query.ts';
import { isUseKnown } from '../../../../core/grant.ts';
import { removeHidden } from '../../../../core/text.ts';
import type { GrantView } from '../../../../core/view.ts';
import { renderPage } from '../../layout.tsx';
import { GrantMarks, GrantStateMark, What } from '../marks.tsx';
import { Clock } from '../moments.tsx';
import { Note, type NoteText } from '../notes.tsx';
import { Fact } from '../request/dossier-facts.tsx';
import { type Frame, Shell } from '../shell.tsx';
import { GrantEnd, RevokeButton } from './grant-row.tsx';

export type GrantPageProps = {
  readonly frame: Frame;
  readonly seen: SeenGrant;
  readonly note: NoteText | null;
};

/** One grant: how long it holds, whether it was used, and how far its end is, part by part. */
export function renderGrantPage({ frame, seen, note }: GrantPageProps): string {
  const { grant, mayRevoke } = seen;
  const name = removeHidden(grant.heldBy);
  return renderPage(
    <Shell frame={frame} title={`Grant of ${name}`} section="grants">
      <p class="crumbs">
        <a href="/grants">Grants</a>
      </p>
      {note ? <Note note={note} /> : null}
      <div class="request-head" id="grant" data-live="grant">
        <h1>
          {name} <span class="soft">holds</span> {`${grant.scopes.join(', ')} on ${grant.target}`}
        </h1>
        <p class="states">
          <GrantMarks grant={grant} />
          <GrantStateMark state={grant.state} />
          {grant.state === 'ended' ? null : (
            <span>
              <GrantEnd grant={grant} clock={frame.clock} />
            </span>
          )}
        </p>
        <Facts grant={grant} frame={frame} />
        {mayRevoke && grant.state !== 'revoking' && grant.state !== 'ended' ? (
          <RevokeButton seen={seen} frame={frame} from="grant" />
        ) : null}
      </div>
    </Shell>,
  );
}

function Facts({ grant, frame }: { readonly grant: GrantView; readonly frame: Frame }) {
  const { clock } = frame;
  return (
    <dl class="facts">
      <Fact name="What">
        <What scopes={grant.scopes} target={grant.target} />
      </Fact>
      <Fact name="Since">
        <Clock at={grant.claimedAt} clock={clock} />
      </Fact>
      <Fact name="Until">
        <Clock at={grant.expiresAt} clock={clock} />
      </Fact>
      {isUseKnown(grant) ? (
        <Fact name="Last used">
          {grant.lastUsedAt === null ? 'not yet' : <Clock at={grant.lastUsedAt} clock={clock} />}
        </Fact>
      ) : null}
      {grant.endedAt === null ? null : (
        <Fact name="Ended">
          <Clock at={grant.endedAt} clock={clock} />
          <span class="soft">{describeCause(grant)}</span>
        </Fact>
      )}
      <RevocationFacts grant={grant} />
      <Fact name="Request">
        <a href={`/requests/${grant.requestId}`}>{grant.requestId}</a>
      </Fact>
      <Fact name="Grant">
        <span class="value">{grant.id}</span>
      </Fact>
    </dl>
  );
}

function describeCause({ endedBecause, endedBy }: GrantView): string {
  return endedBy === undefined ? (endedBecause ?? '') : `revoked by ${removeHidden(endedBy)}`;
}

const AT_TARGET = {
  live: 'still there',
  removing: 'being removed',
  gone: 'gone: jit looked',
} as const;

function RevocationFacts({ grant }: { readonly grant: GrantView }) {
  if (grant.state !== 'revoking' && grant.state !== 'ended') return null;
  const { token, target, sessionsEnded, lastError } = grant.revocation;
  return (
    <>
      <Fact name="Token">{token === 'revoked' ? 'dead' : 'live'}</Fact>
      <Fact name="At the target">
        {AT_TARGET[target]}
        {sessionsEnded > 0 ? <span class="soft">{`${sessionsEnded} open sessions were ended`}</span> : null}
      </Fact>
      {lastError === null || grant.state === 'ended' ? null : (
        <Fact name="Last error">
          <span class="said">{removeHidden(lastError)}</span>
        </Fact>
      )}
    </>
  );
}
