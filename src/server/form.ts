import type { Context } from 'hono';
import { MOST_FORM_FIELDS } from '../core/limits.ts';

const TYPE = 'application/x-www-form-urlencoded';
/** What a decoder puts where the bytes were no text. */
const BROKEN = '\ufffd';

/** The fields of a posted form, each name once and not too many, in UTF-8; undefined for every other body. */
export async function readUrlEncoded(c: Context): Promise<URLSearchParams | undefined> {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== TYPE) return undefined;
  const form = new URLSearchParams(decodeUtf8(await c.req.arrayBuffer()) ?? BROKEN);
  const isBroken = [...form].flat().some((text) => text.includes(BROKEN));
  if (isBroken || form.size > MOST_FORM_FIELDS) return undefined;
  return new Set(form.keys()).size === form.size ? form : undefined;
}

/** The text; undefined where the bytes are no UTF-8. A mark at the beginning is kept: it belongs into no message. */
export function decodeUtf8(bytes: ArrayBuffer | Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
