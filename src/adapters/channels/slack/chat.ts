import type { Chat, ReasonForm } from '../../../core/ports/chat.ts';
import { requireTaken, type SlackApi } from './api.ts';
import { actions, type Block, fields, MODAL_TITLE_CHARACTERS, plain, section } from './blocks.ts';

/** As long as a reason may be, in characters: it is bounded in bytes where it is judged. */
const REASON_CHARACTERS = 1000;

/** What Slack shows to one person: an ephemeral message, and the form behind "Deny". */
export function createSlackChat(api: SlackApi): Chat {
  return {
    async whisper({ channelId, userId }, { text, link }, options) {
      const buttons: readonly Block[] = link
        ? [actions([{ action: 'link', label: link.label, url: link.url }])]
        : [];
      const message = {
        channel: channelId,
        user: userId,
        text: 'An answer from jit',
        blocks: [section(text), ...buttons],
      };
      requireTaken(await api.call('chat.postEphemeral', message, options));
    },
    async askReason(form, options) {
      requireTaken(
        await api.call('views.open', { trigger_id: form.triggerId, view: buildForm(form) }, options),
      );
    },
  };
}

function buildForm({ title, requestId, carried }: ReasonForm): Block {
  return {
    type: 'modal',
    callback_id: 'deny',
    private_metadata: carried,
    title: plain(title, MODAL_TITLE_CHARACTERS),
    submit: plain('Deny', MODAL_TITLE_CHARACTERS),
    close: plain('Not yet', MODAL_TITLE_CHARACTERS),
    blocks: [
      fields([['Request', requestId]]),
      {
        type: 'input',
        block_id: 'reason',
        label: plain('Reason for denying (the requester sees it)', 100),
        element: {
          type: 'plain_text_input',
          action_id: 'reason',
          multiline: false,
          min_length: 1,
          max_length: REASON_CHARACTERS,
        },
      },
    ],
  };
}
