import { Layout, renderPage } from '../layout.tsx';

/** For a form that was posted after its session ended. A link and no redirect, for the reason of `renderStepUpPage`. */
export function renderLoggedOutPage(props: { readonly installName: string; readonly path: string }): string {
  return renderPage(
    <Layout title="Log in again" installName={props.installName}>
      <h1>You are not logged in any more</h1>
      <p>What you sent changed nothing.</p>
      <p>
        <a class="button primary" href={props.path}>
          Log in and come back
        </a>
      </p>
    </Layout>,
  );
}
