/** One of the server's events (HTML Living Standard §9.2.6); a heartbeat has no `event`. */
export type ServerEvent = {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: string;
};

const LONGEST_EVENT_CHARACTERS = 65_536;

/** Returns how to turn what arrives, in whatever pieces, into whole events. */
export function createEventReader(): (bytes: Uint8Array) => readonly ServerEvent[] {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  return (bytes) => {
    const blocks = (rest + decoder.decode(bytes, { stream: true })).split('\n\n');
    rest = blocks.pop() ?? '';
    if ([...blocks, rest].some(({ length }) => length > LONGEST_EVENT_CHARACTERS))
      throw new TypeError('an event of the server has no end');
    return blocks.map(readBlock);
  };
}

function readBlock(block: string): ServerEvent {
  const fields = new Map<string, string>();
  for (const line of block.split('\n')) {
    const [, name, value] = /^([a-z]+): ?(.*)$/.exec(line) ?? [];
    if (name !== undefined) fields.set(name, value ?? '');
  }
  return { id: fields.get('id'), event: fields.get('event') ?? '', data: fields.get('data') ?? '' };
}
