import type { Stats } from 'node:fs';
import { lstat, stat } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import type { ControlAnswers, ControlOrder } from '../../core/control.ts';
import { fail } from '../../core/errors.ts';
import { decodeProblem } from '../../core/wire/problem.ts';

const NOBODY: readonly unknown[] = ['ENOENT', 'ECONNREFUSED', 'EACCES', 'EINVAL', 'ENAMETOOLONG'];

export type ControlPlace = {
  readonly path: string;
  /** Whoever owns this owns the socket beside it: in a folder that others can write to, one of theirs is not believed. */
  readonly store: string;
};

/**
 * Has the server behind this socket carry out an order, and waits for as long as that takes. Undefined where nobody is
 * behind it, or not for this user, or it is somebody else's.
 */
export async function giveOrder<O extends ControlOrder>(
  { path, store }: ControlPlace,
  order: O,
): Promise<ControlAnswers[O['do']] | undefined> {
  if ((await findOwner(lstat(path))) !== (await findOwner(stat(store)))) return undefined;
  const answer = await send(path, JSON.stringify(order)).catch((error: NodeJS.ErrnoException) => {
    if (NOBODY.includes(error.code)) return undefined;
    throw fail('failed', { why: `the server that runs here broke off: ${error.message}` }, error);
  });
  if (!answer) return undefined;
  const body = parse(answer.body);
  if (answer.status === 200) return body as ControlAnswers[O['do']];
  throw decodeProblem(body) ?? fail('failed', { why: 'the server that runs here gave no answer' });
}

async function findOwner(found: Promise<Stats>): Promise<number | undefined> {
  return (await found.catch(() => undefined))?.uid;
}

type Answer = { readonly status: number; readonly body: string };

function send(socketPath: string, body: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, method: 'POST', path: '/' }, (response) => {
      readAll(response).then((text) => resolve({ status: response.statusCode ?? 0, body: text }), reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
