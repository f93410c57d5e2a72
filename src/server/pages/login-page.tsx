import { removeHidden } from '../../core/text.ts';
import { Layout, Message, renderPage } from './layout.tsx';

/** Asks who is there: one of the development users, and the PIN that the server printed (OAU-08). */
export function renderLoginPage(props: {
  readonly installName: string;
  readonly names: readonly string[];
  readonly userCode: string;
  readonly csrf: string;
  readonly isRefused: boolean;
}): string {
  return renderPage(
    <Layout title="Who are you?" installName={props.installName}>
      <h1>Who are you?</h1>
      {props.isRefused ? (
        <Message kind="error">Name and PIN do not fit. After several tries, wait ten minutes.</Message>
      ) : (
        <p class="soft">This server has development users, for this machine only.</p>
      )}
      <form method="post" action="/device/login">
        <input type="hidden" name="csrf" value={props.csrf} />
        <input type="hidden" name="user_code" value={removeHidden(props.userCode)} />
        <div class="field">
          <label for="user">User</label>
          <select id="user" name="user">
            {props.names.map((name) => (
              <option value={name}>{name}</option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for="pin">PIN</label>
          <input
            id="pin"
            name="pin"
            type="password"
            inputmode="numeric"
            autocomplete="one-time-code"
            maxlength={64}
            aria-describedby="pin-hint"
            required
          />
          <span class="hint" id="pin-hint">
            The server printed it when it started.
          </span>
        </div>
        <button class="primary" type="submit">
          Continue
        </button>
      </form>
    </Layout>,
  );
}
