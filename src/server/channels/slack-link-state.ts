import { SLACK_LINK_SECONDS } from '../../core/limits.ts';
import type { Secret } from '../../core/secret.ts';
import { type Instant, SECOND_MS } from '../../core/time.ts';
import { sealText, unsealText } from '../oauth/tokens/sealed-text.ts';
import type { SlackUser } from './slack-payload.ts';

export const SLACK_LINK_PATH = '/channels/slack/link';

/** What an address for linking is about: one account at Slack, for ten minutes. */
export type LinkState = Pick<SlackUser, 'externalId' | 'name'> & { readonly expiresAt: Instant };

const PURPOSE = 'link to a Slack account';
const NAME_CHARACTERS = 40;

/** The address that is shown to this account at Slack, and to nobody else. */
export function buildLinkUrl(
  { externalId, name }: Pick<SlackUser, 'externalId' | 'name'>,
  options: { readonly url: string; readonly secret: Secret; readonly now: Instant },
): string {
  const state: LinkState = {
    externalId,
    name: name.slice(0, NAME_CHARACTERS),
    expiresAt: options.now + SLACK_LINK_SECONDS * SECOND_MS,
  };
  const sealed = sealText(options.secret, PURPOSE, JSON.stringify(state));
  return `${options.url}${SLACK_LINK_PATH}?state=${sealed}`;
}

/** Undefined for what was not sealed here, and for what is too old. */
export function readLinkState(
  sealed: string,
  { secret, now }: { readonly secret: Secret; readonly now: Instant },
): LinkState | undefined {
  const state = open(secret, sealed);
  return state && now < state.expiresAt ? state : undefined;
}

function open(secret: Secret, sealed: string): LinkState | undefined {
  try {
    return JSON.parse(unsealText(secret, PURPOSE, sealed)) as LinkState;
  } catch {
    return undefined;
  }
}
