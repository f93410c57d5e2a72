import type { Context } from 'hono';
import { MOST_FORM_FIELDS } from '../../core/limits.ts';

const TYPE = 'application/x-www-form-urlencoded';
/** What a decoder puts where the bytes were no text. */
const BROKEN = '\ufffd';
// Making one costs more than most texts; between texts it keeps nothing.
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The fields of a posted form, each name once and not too many, in UTF-8; undefined for every other body. */
export async function readUrlEncoded(c: Context): Promise<URLSearchParams | undefined> {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== TYPE) return undefined;
  const form = new URLSearchParams(decodeUtf8(await c.req.arrayBuffer()) ?? BROKEN);
  if (form.size > MOST_FORM_FIELDS) return undefined;
  for (const [name, value] of form)
    if (name.includes(BROKEN) || value.includes(BROKEN) || !isOnce(form, name)) return undefined;
  return form;
}

function isOnce(form: URLSearchParams, name: string): boolean {
  return form.size === 1 || form.getAll(name).length === 1;
}

/** The text; undefined where the bytes are no UTF-8. A mark at the beginning is kept: it belongs into no message. */
export function decodeUtf8(bytes: ArrayBuffer | Uint8Array): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}
