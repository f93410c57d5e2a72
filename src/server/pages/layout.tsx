import type { PropsWithChildren } from 'hono/jsx';
import { STYLE_PATH } from '../assets/style.ts';

export type LayoutProps = {
  readonly title: string;
  /** Which jit this is: people may have several. */
  readonly installName: string;
  /** Where the browser goes from here by itself, at once. */
  readonly goTo?: string;
};

/** The frame of every page: no script, one style sheet, nothing from elsewhere. */
export function Layout({ title, installName, goTo, children }: PropsWithChildren<LayoutProps>) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        {goTo === undefined ? null : <meta http-equiv="refresh" content={`0;url=${goTo}`} />}
        <title>{`${title} · jit`}</title>
        <link rel="stylesheet" href={STYLE_PATH} />
      </head>
      <body>
        <header>
          <span class="mark">jit</span>
          <span class="install">{installName}</span>
        </header>
        <main>
          <div class="card">{children}</div>
        </main>
        <footer>Production access for as long as the work takes.</footer>
      </body>
    </html>
  );
}

/** A page as the text that is sent. */
export function renderPage(page: { toString(): string }): string {
  return `<!doctype html>${page.toString()}`;
}

export function Message({ kind, children }: PropsWithChildren<{ readonly kind: 'error' | 'notice' }>) {
  return (
    <p class={`message ${kind}`} role={kind === 'error' ? 'alert' : undefined}>
      {children}
    </p>
  );
}
