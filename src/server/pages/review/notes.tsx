import { removeHidden } from '../../../core/text.ts';

/** One line above a page: what just happened, or why it did not. */
export type NoteText = {
  readonly kind: 'done' | 'error' | 'notice';
  readonly text: string;
  /** A request or grant that it is about. */
  readonly about?: string | undefined;
};

const DONE: Readonly<Record<string, string>> = {
  approved: 'Your approval is recorded.',
  denied: 'Denied, and the requester is told why.',
  accepted: 'Your review is recorded.',
  objected: 'Your objection is recorded.',
  cancelled: 'The request was taken back.',
  revoking: 'It is being taken away. It says "ended" here once that is proved.',
  revoked: 'All of it is being taken away. Each says "ended" once that is proved.',
};

const ABOUT = /^(req|gr)_[0-9A-Za-z_-]{1,64}$/;

/** The note that an address names: one of a few texts of our own, never words from the address. */
export function readNote(query: {
  readonly note: string | undefined;
  readonly about: string | undefined;
}): NoteText | null {
  const text = Object.hasOwn(DONE, query.note ?? '') ? DONE[query.note ?? ''] : undefined;
  if (text === undefined) return null;
  return { kind: 'done', text, ...(ABOUT.test(query.about ?? '') ? { about: query.about } : {}) };
}

export function Note({ note }: { readonly note: NoteText }) {
  const path = note.about?.startsWith('req_') ? 'requests' : 'grants';
  return (
    <p class={`message ${note.kind}`} role={note.kind === 'error' ? 'alert' : 'status'}>
      {removeHidden(note.text)}
      {note.about ? (
        <>
          {' '}
          <a href={`/${path}/${note.about}`}>{note.about}</a>
        </>
      ) : null}
    </p>
  );
}
