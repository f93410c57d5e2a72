import * as v from 'valibot';
import {
  LONGEST_DIGEST_CHARACTERS,
  LONGEST_ID_CHARACTERS,
  LONGEST_SLACK_ID_CHARACTERS,
  LONGEST_SLACK_TRIGGER_CHARACTERS,
} from '../../core/limits.ts';

/** Somebody at Slack. `externalId` is unique: ids of users are so in their team only. */
export type SlackUser = { readonly externalId: string; readonly userId: string; readonly name: string };

/** What was on the card or in the form: which request, and the hash of all that was shown of it (APR-03). */
export type Shown = { readonly requestId: string; readonly digest: string };

export type SlackAction =
  | (Shown & {
      readonly kind: 'approve' | 'ask';
      readonly user: SlackUser;
      readonly channelId: string;
      readonly triggerId: string;
    })
  | (Shown & { readonly kind: 'deny'; readonly user: SlackUser; readonly reason: string })
  /** A button that only leads somewhere. */
  | { readonly kind: 'nothing' };

const id = v.pipe(v.string(), v.maxLength(LONGEST_SLACK_ID_CHARACTERS), v.regex(/^[A-Z0-9]+$/));
const team = v.nullish(v.object({ id }));
const user = v.object({
  id,
  team_id: v.optional(id),
  username: v.optional(v.string()),
  name: v.optional(v.string()),
});
const shown = v.pipe(
  v.string(),
  v.regex(/^req_[0-9a-z]+ [A-Za-z0-9_-]+$/),
  v.transform((text): Shown => {
    const [requestId = '', digest = ''] = text.split(' ');
    return { requestId, digest };
  }),
  v.check(
    ({ requestId, digest }) =>
      requestId.length <= LONGEST_ID_CHARACTERS && digest.length <= LONGEST_DIGEST_CHARACTERS,
  ),
);

const click = v.object({
  type: v.literal('block_actions'),
  team,
  user,
  channel: v.object({ id }),
  trigger_id: v.pipe(v.string(), v.maxLength(LONGEST_SLACK_TRIGGER_CHARACTERS)),
  actions: v.pipe(v.array(v.object({ action_id: v.string(), value: v.optional(v.string()) })), v.length(1)),
});

const submission = v.object({
  type: v.literal('view_submission'),
  team,
  user,
  view: v.object({
    callback_id: v.literal('deny'),
    private_metadata: shown,
    state: v.object({
      values: v.object({ reason: v.object({ reason: v.object({ value: v.nullish(v.string()) }) }) }),
    }),
  }),
});

const KINDS = { approve: 'approve', deny: 'ask' } as const;

/** Reads a payload of Slack's that was verified; undefined for what none of our cards and forms sends. */
export function decodeSlackPayload(payload: unknown): SlackAction | undefined {
  const clicked = v.safeParse(click, payload);
  if (clicked.success) return readClick(clicked.output);
  const submitted = v.safeParse(submission, payload);
  return submitted.success ? readSubmission(submitted.output) : undefined;
}

function readClick(payload: v.InferOutput<typeof click>): SlackAction | undefined {
  const [action] = payload.actions;
  const person = readUser(payload);
  if (action?.action_id === 'open' || action?.action_id === 'link') return { kind: 'nothing' };
  const value = v.safeParse(shown, action?.value);
  if (!action || !person || !value.success || !Object.hasOwn(KINDS, action.action_id)) return undefined;
  return {
    kind: KINDS[action.action_id as keyof typeof KINDS],
    user: person,
    channelId: payload.channel.id,
    triggerId: payload.trigger_id,
    ...value.output,
  };
}

function readSubmission(payload: v.InferOutput<typeof submission>): SlackAction | undefined {
  const person = readUser(payload);
  const { private_metadata, state } = payload.view;
  return (
    person && {
      kind: 'deny',
      user: person,
      reason: state.values.reason.reason.value ?? '',
      ...private_metadata,
    }
  );
}

/** Where a channel is shared with another company, the user's own team is theirs, and not the one of the channel. */
function readUser(payload: Pick<v.InferOutput<typeof click>, 'team' | 'user'>): SlackUser | undefined {
  const teamId = payload.user.team_id ?? payload.team?.id;
  if (teamId === undefined) return undefined;
  const { id: userId, username, name } = payload.user;
  return { externalId: `${teamId}:${userId}`, userId, name: username ?? name ?? userId };
}
