import { removeHidden } from '../../../core/text.ts';

/** What Slack takes at most, in characters. */
const HEADER_CHARACTERS = 150;
const SECTION_CHARACTERS = 3000;
const FIELD_CHARACTERS = 2000;
const BUTTON_CHARACTERS = 75;
const CONFIRM_CHARACTERS = 300;
export const MODAL_TITLE_CHARACTERS = 24;

export type PlainText = { readonly type: 'plain_text'; readonly text: string; readonly emoji: false };
export type Block = Readonly<Record<string, unknown>>;

/**
 * Text as it is: no mention, link, emphasis or emoji comes of it, and nothing in it is hidden (S12). Everything that
 * people or policies wrote goes through here. Slack refuses an empty text.
 */
export function plain(text: string, characters: number): PlainText {
  return { type: 'plain_text', text: cut(removeHidden(text), characters) || '–', emoji: false };
}

/** At most so many UTF-16 units, never half a character; what was cut off shows as `…`. */
function cut(text: string, characters: number): string {
  if (text.length <= characters) return text;
  return `${text.slice(0, characters - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

export function header(text: string): Block {
  return { type: 'header', text: plain(text, HEADER_CHARACTERS) };
}

export function section(text: string): Block {
  return { type: 'section', text: plain(text, SECTION_CHARACTERS) };
}

/** Two columns; a label above each text. */
export function fields(entries: readonly (readonly [string, string])[]): Block {
  return {
    type: 'section',
    fields: entries.map(([label, text]) => labelled(label, text)),
  };
}

/** The line break between the two is ours: those of the text are gone by then. */
function labelled(label: string, text: string): PlainText {
  const shown = plain(text, FIELD_CHARACTERS - label.length - 1);
  return { ...shown, text: `${label}\n${shown.text}` };
}

/** Small print. */
export function context(lines: readonly string[]): Block {
  return { type: 'context', elements: lines.map((line) => plain(line, FIELD_CHARACTERS)) };
}

export type Button = {
  readonly action: string;
  readonly label: string;
  readonly value?: string;
  readonly url?: string;
  readonly style?: 'primary' | 'danger';
  readonly confirm?: { readonly title: string; readonly text: string; readonly yes: string };
};

export function actions(buttons: readonly Button[]): Block {
  return { type: 'actions', elements: buttons.map(buildButton) };
}

function buildButton({ action, label, value, url, style, confirm }: Button): Block {
  return {
    type: 'button',
    action_id: action,
    text: plain(label, BUTTON_CHARACTERS),
    ...(value === undefined ? {} : { value }),
    ...(url === undefined ? {} : { url }),
    ...(style === undefined ? {} : { style }),
    ...(confirm
      ? {
          confirm: {
            title: plain(confirm.title, 100),
            text: plain(confirm.text, CONFIRM_CHARACTERS),
            confirm: plain(confirm.yes, 30),
            deny: plain('Not yet', 30),
          },
        }
      : {}),
  };
}
