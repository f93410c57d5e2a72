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
