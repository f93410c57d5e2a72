import * as v from 'valibot';
import type { Claimed, DossierView, GrantView, RequestView } from '../view.ts';
import { claimedMessage } from './claim.ts';
import { dossierMessage } from './dossier.ts';
import { grantAnswer, requestAnswer } from './messages.ts';

/** An answer about the request that was asked about, and no other. */
export function requestWith(id: string): v.GenericSchema<unknown, RequestView> {
  return v.pipe(
    requestAnswer,
    v.check((answer) => answer.request.id === id, 'is about another request'),
    v.transform((answer): RequestView => answer.request),
  );
}

/** An answer about the grant that was asked about, and no other. */
export function grantWith(id: string): v.GenericSchema<unknown, GrantView> {
  return v.pipe(
    grantAnswer,
    v.check((answer) => answer.grant.id === id, 'is about another grant'),
    v.transform((answer): GrantView => answer.grant),
  );
}

/** What claiming this request gives. Its grant may be older: an extension is claimed into the grant it extends. */
export function claimedWith(id: string): v.GenericSchema<unknown, Claimed> {
  return v.pipe(
    claimedMessage,
    v.check((answer) => answer.request.id === id, 'is about another request'),
  );
}

/** The dossier of the request that was asked about, and of no other: somebody is about to decide on it. */
export function dossierAbout(id: string): v.GenericSchema<unknown, DossierView> {
  return v.pipe(
    dossierMessage,
    v.check((dossier) => dossier.request.id === id, 'is about another request'),
  );
}
