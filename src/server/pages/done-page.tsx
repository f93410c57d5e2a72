import { Layout, renderPage } from './layout.tsx';

/** The end of a device login at the browser. */
export function renderDonePage(props: {
  readonly installName: string;
  readonly decision: 'approved' | 'denied';
}): string {
  const isApproved = props.decision === 'approved';
  const title = isApproved ? 'The terminal is logged in' : 'The login was denied';
  return renderPage(
    <Layout title={title} installName={props.installName}>
      <h1>{title}</h1>
      <p>
        {isApproved
          ? 'Go back to the terminal; it continues in a few seconds.'
          : 'Nothing was given away. If you did not start this login, tell whoever looks after this server.'}
      </p>
      <p class="soft">You can close this window.</p>
    </Layout>,
  );
}

/** After `/logout`. */
export function renderLoggedOut({ installName }: { readonly installName: string }): string {
  return renderPage(
    <Layout title="You are logged out" installName={installName}>
      <h1>You are logged out</h1>
      <p>
        This browser has no session here any more. Terminals that you logged in stay logged in: jit logout
        ends theirs.
      </p>
      <p class="soft">
        <a href="/login">Log in</a>
      </p>
    </Layout>,
  );
}
