type Json = unknown;
type Fields = Readonly<Record<string, unknown>>;

const LONGEST: Readonly<Record<string, number>> = {
  header: 150,
  button: 75,
  section: 3000,
  field: 2000,
  context: 2000,
};

/** What Slack would refuse in blocks, and what jit must not send: formatted text, and mentions or links in the fallback. */
export function findFaults(message: Fields): readonly string[] {
  const blocks = Array.isArray(message.blocks) ? (message.blocks as readonly Fields[]) : [];
  return [
    ...(blocks.length < 1 || blocks.length > 50 ? [`${blocks.length} blocks`] : []),
    ...blocks.flatMap(judgeBlock),
    ...listTexts(blocks).flatMap(judgeText),
    ...(/[<>&*~`@#]|https?:/.test(String(message.text ?? '')) ? [`fallback "${message.text}"`] : []),
  ];
}

function judgeBlock(block: Fields): readonly string[] {
  const type = String(block.type);
  const elements = Array.isArray(block.elements) ? (block.elements as readonly Fields[]) : [];
  const fields = Array.isArray(block.fields) ? (block.fields as readonly Fields[]) : [];
  return [
    ...judgeLength(block.text, LONGEST[type] ?? 0),
    ...fields.flatMap((field) => judgeLength(field, LONGEST.field ?? 0)),
    ...(fields.length > 10 ? ['more than ten fields'] : []),
    ...(type === 'context' ? elements.flatMap((text) => judgeLength(text, LONGEST.context ?? 0)) : []),
    ...(type === 'context' && elements.length > 10 ? ['more than ten lines of small print'] : []),
    ...(type === 'actions' ? elements.flatMap(judgeButton) : []),
  ];
}

function judgeButton(button: Fields): readonly string[] {
  const confirm = (button.confirm ?? {}) as Fields;
  return [
    ...judgeLength(button.text, LONGEST.button ?? 0),
    ...(String(button.value ?? '').length > 2000 ? ['a long value'] : []),
    ...(String(button.url ?? '').length > 3000 ? ['a long address'] : []),
    ...judgeLength(confirm.title, 100),
    ...judgeLength(confirm.text, 300),
    ...judgeLength(confirm.confirm, 30),
    ...judgeLength(confirm.deny, 30),
  ];
}

function judgeLength(text: Json, most: number): readonly string[] {
  if (text === undefined) return [];
  const { length } = String((text as Fields).text);
  return length >= 1 && length <= most ? [] : [`a text of ${length} where ${most} are the most`];
}

function judgeText(text: Fields): readonly string[] {
  if (text.type !== 'plain_text') return [`${text.type} with "${text.text}"`];
  return text.emoji === false ? [] : ['emoji are replaced'];
}

/** Every text object, wherever it is. */
export function listTexts(value: Json): readonly Fields[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(listTexts);
  const fields = value as Fields;
  const own =
    typeof fields.text === 'string' && /^(plain_text|mrkdwn)$/.test(String(fields.type)) ? [fields] : [];
  return [...own, ...Object.values(fields).flatMap(listTexts)];
}
