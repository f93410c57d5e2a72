import type { PropsWithChildren } from 'hono/jsx';
import { removeHidden } from '../../../core/text.ts';
import { ICON_PATH } from '../../assets/icon.ts';
import { SCRIPT_PATH } from '../../assets/script.ts';
import { STYLE_PATH } from '../../assets/style.ts';
import { KeysDialog } from './keys-dialog.tsx';
import type { PageClock } from './moments.tsx';

/** What the frame of every page shows, whatever the page is about. */
export type Frame = {
  /** Which jit this is: people may have several. */
  readonly installName: string;
  /** Who reads it. */
  readonly personName: string;
  readonly csrf: string;
  readonly clock: PageClock;
  /** Of the newest change when the page was begun: the script follows from here on. */
  readonly position: number;
};

const SECTIONS = [
  { id: 'inbox', path: '/inbox', name: 'Inbox' },
  { id: 'grants', path: '/grants', name: 'Grants' },
  { id: 'history', path: '/history', name: 'History' },
] as const;

export type ShellProps = {
  readonly frame: Frame;
  readonly title: string;
  readonly section: (typeof SECTIONS)[number]['id'] | null;
  /** Where the browser goes on to at once, by itself. */
  readonly goTo?: string | undefined;
};

/** The frame of the pages for people who are logged in: where they are, who they are, the way out. */
export function Shell({ frame, title, section, goTo, children }: PropsWithChildren<ShellProps>) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        {goTo === undefined ? null : <meta http-equiv="refresh" content={`0;url=${goTo}`} />}
        <title>{`${title} · jit`}</title>
        <link rel="icon" type="image/svg+xml" href={ICON_PATH} />
        <link rel="stylesheet" href={STYLE_PATH} />
        <script src={SCRIPT_PATH} defer />
      </head>
      <body class="wide" data-now={String(frame.clock.now)} data-position={String(frame.position)}>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        <header class="bar">
          <a class="mark" href="/inbox">
            jit
          </a>
          <span class="install">{frame.installName}</span>
          <nav aria-label="Pages">
            {SECTIONS.map(({ id, path, name }) => (
              <a href={path} aria-current={id === section ? 'page' : undefined}>
                {name}
              </a>
            ))}
          </nav>
          <LogOut frame={frame} />
        </header>
        <main id="main" tabindex={-1}>
          <LoggedOut />
          {children}
        </main>
        <footer>
          <span>{`Times are ${frame.clock.timeZone}.`}</span>
          <button class="plain" type="button" data-opens="keys" hidden>
            Keys <kbd>?</kbd>
          </button>
        </footer>
        <KeysDialog />
        <p class="unseen" role="status" id="said" />
      </body>
    </html>
  );
}

/** The script shows it when the session ended while the page was open; then the link leads back here. */
function LoggedOut() {
  return (
    <p class="message error" role="alert" id="logged-out" hidden>
      You are not logged in any more, and what is shown here is getting old. <a href="/inbox">Log in again</a>
    </p>
  );
}

function LogOut({ frame }: { readonly frame: Frame }) {
  return (
    <form class="who" method="post" action="/logout">
      <input type="hidden" name="csrf" value={frame.csrf} />
      <span class="name">{removeHidden(frame.personName)}</span>
      <button class="plain" type="submit">
        Log out
      </button>
    </form>
  );
}
