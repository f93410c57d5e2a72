import type { KeychainItem } from '../../core/ports/keychain.ts';
import type { Instant } from '../../core/time.ts';
import type { FolderKey } from './file-key.ts';
import { parseJson } from './held.ts';
import { seal, unseal } from './sealed.ts';

/** The first line of an item's file, in the clear: whose it is and until when. */
export type ItemHeader = KeychainItem & { readonly keyId: string; readonly expiresAt: Instant | null };

const FORMAT = 'jit-keychain-1';

/** Two lines: the header, and the secret sealed with that header as its context. */
export function encodeItem(key: FolderKey, entry: ItemHeader & { readonly text: string }): string {
  const { keyId, service, account, expiresAt, text } = entry;
  const context = JSON.stringify({ format: FORMAT, keyId, service, account, expiresAt });
  return `${context}\n${seal(key.key, { text, context })}\n`;
}

/** Undefined when the first line is not whole or not of this version. */
export function decodeHeader(text: string): ItemHeader | undefined {
  const found = parseJson(firstLine(text));
  if (typeof found !== 'object' || found === null) return undefined;
  const { format, keyId, service, account, expiresAt } = found as Record<string, unknown>;
  if (format !== FORMAT || typeof keyId !== 'string') return undefined;
  if (typeof service !== 'string' || typeof account !== 'string') return undefined;
  if (expiresAt !== null && typeof expiresAt !== 'number') return undefined;
  return { keyId, service, account, expiresAt };
}

/** Undefined when the file was changed, cut short, or sealed with another key. */
export function openItem(key: FolderKey, text: string): string | undefined {
  const context = firstLine(text);
  const sealed = text.slice(context.length + 1);
  return sealed.endsWith('\n') ? unseal(key.key, { sealed: sealed.slice(0, -1), context }) : undefined;
}

function firstLine(text: string): string {
  return text.slice(0, Math.max(text.indexOf('\n'), 0));
}
