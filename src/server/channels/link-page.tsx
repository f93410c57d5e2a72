import { removeHidden } from '../../core/text.ts';
import { Layout, Message, renderPage } from '../pages/layout.tsx';

export type LinkPageProps = {
  readonly installName: string;
  /** The account at Slack: what it calls itself, and what it is. */
  readonly slackName: string;
  readonly externalId: string;
  readonly personName: string;
};

/** Asks whether the account at Slack is that of the person who is logged in. */
export function renderLinkPage(
  props: LinkPageProps & {
    readonly csrf: string;
    readonly state: string;
    /** Where somebody else logs in, and comes back from. */
    readonly otherPath: string;
  },
): string {
  const { installName, csrf, state, slackName, externalId, personName } = props;
  return renderPage(
    <Layout title="Link a Slack account" installName={installName}>
      <h1>Is this your Slack account?</h1>
      <p>
        It calls itself <strong>{removeHidden(slackName)}</strong>, and is <code>{externalId}</code>.
      </p>
      <p>
        Whoever uses it will decide on requests as <strong>{removeHidden(personName)}</strong>.
      </p>
      <Message kind="notice">
        Link it only if you pressed a button in Slack just now, yourself. Whoever sent you this link would
        decide in your name.
      </Message>
      <form method="post" action="/channels/slack/link">
        <input type="hidden" name="csrf" value={csrf} />
        <input type="hidden" name="state" value={state} />
        <div class="actions field">
          <button class="refuse" type="submit" name="decision" value="refuse">
            Not mine
          </button>
          <button class="primary" type="submit" name="decision" value="link">
            Link it
          </button>
        </div>
      </form>
      <p class="soft">
        Not {removeHidden(personName)}? <a href={props.otherPath}>Use another account</a>
      </p>
    </Layout>,
  );
}

export function renderLinkedPage(props: LinkPageProps & { readonly isLinked: boolean }): string {
  const { installName, slackName, personName, isLinked } = props;
  const text = isLinked
    ? `${removeHidden(slackName)} at Slack is ${removeHidden(personName)} here. Go back to Slack and press the button again.`
    : 'Nothing was linked. If somebody sent you the link, tell whoever looks after jit.';
  const title = isLinked ? 'Linked' : 'Not linked';
  return renderPage(
    <Layout title={title} installName={installName}>
      <h1>{title}</h1>
      <p>{text}</p>
    </Layout>,
  );
}
