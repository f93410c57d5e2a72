import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ClientConfig, EMPTY_CLIENT_CONFIG } from '../../core/client-config.ts';
import { decodeClientConfig, encodeClientConfig } from '../../core/config/client.ts';
import type { Complaint } from '../../core/config/complaint.ts';
import { fail, JitError } from '../../core/errors.ts';
import { locateKey, readKeyAt } from './locate.ts';

/** The client's `config.toml`. */
export type ConfigFile = {
  readonly path: string;
  /** No file is an empty configuration; a wrong one is `settings_invalid` with file, line and key (INP-03). */
  readonly read: () => Promise<ClientConfig>;
  /** Replaces the whole file, comments included, in one step. */
  readonly write: (config: ClientConfig) => Promise<void>;
};

const LARGEST_BYTES = 65_536;
const WRITABLE_BY_OTHERS = 0o022;

export function createConfigFile(options: { readonly folder: string }): ConfigFile {
  const path = join(options.folder, 'config.toml');
  // One command asks four times, and the same text means the same.
  let last: { readonly text: string; readonly config: ClientConfig } | undefined;
  const read = async (): Promise<ClientConfig> => {
    const text = readText(path);
    if (text === undefined) return EMPTY_CLIENT_CONFIG;
    if (text !== last?.text) last = { text, config: await parseConfig(path, text) };
    return last.config;
  };
  return { path, read, write: (config) => writeConfig(path, config) };
}

/** At once: it is small, and every command waits for it. */
function readText(path: string): string | undefined {
  const complain = (why: string): JitError => fail('settings_invalid', { at: path, why });
  try {
    const { mode, size } = statSync(path);
    if ((mode & WRITABLE_BY_OTHERS) !== 0) throw complain('others may write to it: chmod go-w it');
    if (size > LARGEST_BYTES) throw complain(`is larger than ${LARGEST_BYTES} bytes`);
    const bytes = readFileSync(path);
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    if (text.startsWith('\ufeff')) throw complain('starts with a byte order mark: save it without');
    return text;
  } catch (error) {
    if (error instanceof JitError) throw error;
    if (error instanceof TypeError) throw complain('is not UTF-8 text');
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw fail('settings_invalid', { at: path, why: `cannot be read (${readErrno(error)})` }, error);
  }
}

async function parseConfig(path: string, text: string): Promise<ClientConfig> {
  const { parse, TomlError } = await import('smol-toml');
  try {
    const decoded = decodeClientConfig(parse(text));
    if (decoded.ok) return decoded.config;
    throw buildError({ path, text, complaint: decoded.complaints[0] });
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const at = `${path}:${error.line} ${readKeyAt(text, error.line).join('.')}`.trim();
    const [why = ''] = error.message.replace(/^Invalid TOML document: /, '').split('\n');
    throw fail('settings_invalid', { at, why }, error);
  }
}

function buildError(found: {
  readonly path: string;
  readonly text: string;
  readonly complaint: Complaint | undefined;
}): JitError {
  const keys = found.complaint?.path ?? [];
  const line = locateKey(found.text, keys);
  const at = `${found.path}${line === undefined ? '' : `:${line}`} ${keys.join('.')}`.trim();
  return fail('settings_invalid', { at, why: found.complaint?.why ?? 'is wrong' });
}

async function writeConfig(path: string, config: ClientConfig): Promise<void> {
  const { stringify } = await import('smol-toml');
  const { mkdir, realpath } = await import('node:fs/promises');
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    // Where the file is a link into somebody's collection of settings, the link stays.
    const target = await realpath(path).catch(() => path);
    await replaceFile(target, `${stringify(encodeClientConfig(config))}\n`);
  } catch (error) {
    throw fail('failed', { why: `${path} was not written (${readErrno(error)})` }, error);
  }
}

async function replaceFile(path: string, text: string): Promise<void> {
  const { open, rename, rm } = await import('node:fs/promises');
  const draft = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(draft, 'w', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

function hasErrno(error: unknown, code: string): boolean {
  return readErrno(error) === code;
}

function readErrno(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
