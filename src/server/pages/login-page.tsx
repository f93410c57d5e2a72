import { removeHidden } from '../../core/text.ts';
import { Layout, Message, renderPage } from './layout.tsx';

/** What the form carries along: where to go afterwards, and the login that was asked for. */
export type LoginForm = {
  readonly installName: string;
  readonly csrf: string;
  readonly hidden: Readonly<Record<string, string>>;
};

/** Asks who is there: one of the development users, and the PIN that the server printed (OAU-08). */
export function renderLoginPage(
  props: LoginForm & { readonly names: readonly string[]; readonly notice: 'refused' | 'again' | null },
): string {
  return renderPage(
    <Layout title="Who are you?" installName={props.installName}>
      <h1>Who are you?</h1>
      <Notice kind={props.notice} />
      <form method="post" action="/login">
        <input type="hidden" name="csrf" value={props.csrf} />
        {Object.entries(props.hidden).map(([name, value]) => (
          <input type="hidden" name={name} value={removeHidden(value)} />
        ))}
        <div class="field">
          <label for="user">User</label>
          <select id="user" name="user">
            {props.names.map((name) => (
              <option value={name}>{name}</option>
            ))}
          </select>
        </div>
        <PinField />
        <button class="primary" type="submit">
          Continue
        </button>
      </form>
    </Layout>,
  );
}

function Notice({ kind }: { readonly kind: 'refused' | 'again' | null }) {
  if (kind === 'refused')
    return <Message kind="error">Name and PIN do not fit. After several tries, wait ten minutes.</Message>;
  return (
    <p class="soft">
      {kind === 'again'
        ? 'What you want to do asks for a login of just now: type the PIN again.'
        : 'This server has development users, for this machine only.'}
    </p>
  );
}

function PinField() {
  return (
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
  );
}
