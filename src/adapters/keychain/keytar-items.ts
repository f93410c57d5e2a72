import { setTimeout as pause } from 'node:timers/promises';
import { fail } from '../../core/errors.ts';
import type { KeychainItem } from '../../core/ports/keychain.ts';
import { type Head, joinValue, parseHead, splitValue } from './parts.ts';

/** The three native calls, each of which may fail with `keychain_locked`, `keychain_missing`, `keychain_hanging`. */
export type NativeItems = {
  read(service: string, account: string): Promise<string | null>;
  write(service: string, account: string, value: string): Promise<void>;
  erase(service: string, account: string): Promise<boolean>;
};

const ATTEMPTS = 4;
const RETRY_MS = 40;

/** Undefined when the store says there is nothing, which a locked store also says: the caller has to tell. */
export async function readItem(items: NativeItems, item: KeychainItem): Promise<string | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const first = await items.read(item.service, item.account);
    if (first === null) return undefined;
    const head = parseHead(first);
    if (!head) throw unreadable(item, 'it was not written by jit, or only in part');
    const text = joinValue(head, await readOthers(items, item, head));
    if (text !== undefined) return text;
    if (attempt === ATTEMPTS) throw unreadable(item, 'its parts do not belong together');
    // Another process may be half-way through writing it.
    await pause(RETRY_MS);
  }
}

/** The head is written last: until then a reader has the old head, whose digest the new parts do not match. */
export async function writeItem(items: NativeItems, item: KeychainItem, text: string): Promise<void> {
  const parts = splitValue(text);
  for (const [index, part] of [...parts.entries()].toReversed()) {
    await items.write(item.service, partAccount(item, index + 1), part);
  }
  await eraseParts(items, item, parts.length + 1);
}

/** True when there was something to remove. */
export async function eraseItem(items: NativeItems, item: KeychainItem): Promise<boolean> {
  const others = await eraseParts(items, item, 2);
  return (await items.erase(item.service, item.account)) || others;
}

/** From the last part down, so that one that is interrupted leaves no part that the next could not find. */
async function eraseParts(items: NativeItems, item: KeychainItem, from: number): Promise<boolean> {
  let next = from;
  while ((await items.read(item.service, partAccount(item, next))) !== null) next += 1;
  for (let part = next - 1; part >= from; part -= 1) {
    await items.erase(item.service, partAccount(item, part));
  }
  return next > from;
}

async function readOthers(items: NativeItems, item: KeychainItem, head: Head): Promise<readonly string[]> {
  const others: string[] = [];
  for (let part = 2; part <= head.count; part += 1) {
    others.push((await items.read(item.service, partAccount(item, part))) ?? '');
  }
  return others;
}

function partAccount(item: KeychainItem, part: number): string {
  return part === 1 ? item.account : `${item.account} #${part}`;
}

function unreadable(item: KeychainItem, why: string): Error {
  return fail('keychain_unreadable', { item: item.account, why });
}
