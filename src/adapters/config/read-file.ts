import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fail } from '../../core/errors.ts';

const MAX_BYTES = 1024 * 1024;

export type ConfigText = {
  readonly text: string;
  /** Somebody else on this machine may read the file. */
  readonly readableByOthers: boolean;
};

/** The text of a configuration file; `config_invalid` where it cannot be trusted or is not text. */
export async function readConfigText(path: string, name: string): Promise<ConfigText> {
  const file = await open(path).catch((cause: unknown) => {
    throw fail('config_invalid', { at: resolve(path), why: 'does not exist or is not readable' }, cause);
  });
  try {
    const { mode, size } = await file.stat();
    const complaint = judgeFile({ mode, size });
    if (complaint) throw fail('config_invalid', { at: name, why: complaint });
    const bytes = await file.readFile();
    return { text: decodeText(bytes, name), readableByOthers: (mode & 0o044) !== 0 };
  } finally {
    await file.close();
  }
}

function judgeFile(file: { readonly mode: number; readonly size: number }): string | undefined {
  if ((file.mode & 0o170000) !== 0o100000) return 'is not a file';
  if ((file.mode & 0o022) !== 0) return 'can be written by others: chmod go-w';
  return file.size > MAX_BYTES ? `is larger than ${MAX_BYTES} bytes` : undefined;
}

function decodeText(bytes: Uint8Array, name: string): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw fail('config_invalid', { at: name, why: 'is not UTF-8' }, cause);
  }
  if (text.startsWith('\uFEFF')) {
    throw fail('config_invalid', { at: `${name}:1`, why: 'begins with a byte order mark: save it without' });
  }
  return text;
}
