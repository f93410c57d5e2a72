import type { OpenedDossier } from '../../../../broker/review/dossier.ts';
import type { ShownBefore } from '../changed.tsx';
import type { NoteText } from '../notes.tsx';
import type { Frame } from '../shell.tsx';

/** What the page of a request, and each form on it, is made from. */
export type RequestPageProps = {
  readonly frame: Frame;
  readonly dossier: OpenedDossier;
  readonly note: NoteText | null;
  /** What the reader had in front of them when they answered, where it is not this any more (APR-03). */
  readonly before?: ShownBefore | undefined;
  /** What was typed and must not be lost. */
  readonly reason?: string | undefined;
  /** The browser was sent to log in again for this already: it is not sent twice. */
  readonly isSteppedUp?: boolean | undefined;
};
