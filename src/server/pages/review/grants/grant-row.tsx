import type { SeenGrant } from '../../../../broker/view/query.ts';
import { findIdleEnd, isUseKnown } from '../../../../core/grant.ts';
import { removeHidden } from '../../../../core/text.ts';
import type { GrantView } from '../../../../core/view.ts';
import { GrantMarks, GrantStateMark, Mark, What } from '../marks.tsx';
import { Distance, type PageClock } from '../moments.tsx';
import type { Frame } from '../shell.tsx';

type GrantProps = { readonly seen: SeenGrant; readonly frame: Frame };

/** One live grant; what is being taken away says how far that is, until it is proved. */
export function GrantRow({ seen, frame }: GrantProps) {
  const { grant, mayRevoke } = seen;
  return (
    <li class="row grant" data-row={grant.id}>
      <div class="row-who">
        <strong>{removeHidden(grant.heldBy)}</strong>
        <span class="soft">
          <Distance at={grant.claimedAt} clock={frame.clock} />
        </span>
      </div>
      <a class="row-what" href={`/grants/${grant.id}`} id={`open-${grant.id}`}>
        <What scopes={grant.scopes} target={grant.target} />
        <span class="unseen">{`, held by ${removeHidden(grant.heldBy)}`}</span>
      </a>
      <p class="row-why">
        <GrantEnd grant={grant} clock={frame.clock} />
      </p>
      <div class="row-state">
        <GrantMarks grant={grant} />
        <GrantStateMark state={grant.state} />
        {mayRevoke && grant.state !== 'revoking' ? (
          <RevokeButton seen={seen} frame={frame} from="grants" />
        ) : null}
      </div>
    </li>
  );
}

/** When it ends, how it was used, or what stands in the way of its end. */
export function GrantEnd({ grant, clock }: { readonly grant: GrantView; readonly clock: PageClock }) {
  if (grant.state === 'revoking') return <Revoking grant={grant} />;
  return (
    <>
      ends <Distance at={grant.expiresAt} clock={clock} />
      <span class="soft">
        <LastUse grant={grant} clock={clock} />
        <IdleEnd grant={grant} clock={clock} />
      </span>
    </>
  );
}

function LastUse({ grant, clock }: { readonly grant: GrantView; readonly clock: PageClock }) {
  if (grant.lastUsedAt === null) return isUseKnown(grant) ? <>, not used yet</> : null;
  return (
    <>
      , last used <Distance at={grant.lastUsedAt} clock={clock} />
    </>
  );
}

function IdleEnd({ grant, clock }: { readonly grant: GrantView; readonly clock: PageClock }) {
  const idleAt = findIdleEnd(grant);
  if (idleAt === null) return null;
  return (
    <>
      ; unused it ends <Distance at={idleAt} clock={clock} />
    </>
  );
}

function Revoking({ grant }: { readonly grant: GrantView }) {
  const { attempts, lastError } = grant.revocation;
  return (
    <>
      being taken away
      {attempts > 0 ? (
        <span class="soft">{`, ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`}</span>
      ) : null}
      {lastError === null ? null : (
        <>
          {' '}
          <Mark tone="danger">not confirmed</Mark> <span class="said">{removeHidden(lastError)}</span>
        </>
      )}
    </>
  );
}

/** Ends one grant. One's own is given back. */
export function RevokeButton({ seen, frame, from }: GrantProps & { readonly from: 'grants' | 'grant' }) {
  const { grant, isOwn } = seen;
  const about = removeHidden(`${grant.scopes.join(', ')} on ${grant.target} of ${grant.heldBy}`);
  return (
    <form method="post" action={`/grants/${grant.id}/revoke`} id={`revoke-${grant.id}`}>
      <input type="hidden" name="csrf" value={frame.csrf} />
      <input type="hidden" name="from" value={from} />
      <button class="refuse small" type="submit" id={`revoke-button-${grant.id}`}>
        {isOwn ? 'Give back' : 'Revoke'}
        <span class="unseen">{` ${about}`}</span>
      </button>
    </form>
  );
}
