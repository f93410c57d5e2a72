import { removeHidden } from '../../core/text.ts';
import { Layout, Message, renderPage } from './layout.tsx';

/** Asks for the code that the terminal shows. It is posted: a wrong one counts as a guess, and no GET does (S13). */
export function renderCodePage(props: {
  readonly installName: string;
  readonly userCode: string;
  readonly csrf: string;
  readonly isRefused: boolean;
}): string {
  return renderPage(
    <Layout title="Enter the code" installName={props.installName}>
      <h1>Enter the code</h1>
      {props.isRefused ? (
        <Message kind="error">
          That code cannot be used. It may be mistyped, used already, or older than ten minutes. After several
          tries, wait ten minutes.
        </Message>
      ) : (
        <p class="soft">
          {props.userCode
            ? 'Continue only if the terminal where you started to log in shows this code.'
            : 'It is shown in the terminal where you started to log in.'}
        </p>
      )}
      <form method="post" action="/device/code">
        <input type="hidden" name="csrf" value={props.csrf} />
        <div class="field">
          <label for="user_code">Code</label>
          <input
            class="letters"
            id="user_code"
            name="user_code"
            value={removeHidden(props.userCode)}
            placeholder="BCDF-GHJK"
            autocomplete="off"
            autocapitalize="characters"
            spellcheck={false}
            maxlength={32}
            required
          />
        </div>
        <button class="primary" type="submit">
          Continue
        </button>
      </form>
    </Layout>,
  );
}
