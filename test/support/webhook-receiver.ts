import { fileURLToPath } from 'node:url';
import { type RunningProgram, startProgram } from './processes/real.ts';

const example = fileURLToPath(new URL('../../examples/webhook-receiver.js', import.meta.url));

export const WEBHOOK_SECRET = `whsec_${Buffer.from('a secret that only the tests have').toString('base64')}`;

export type WebhookReceiver = AsyncDisposable & {
  readonly url: string;
  /** Waits for a line that holds this. */
  see(what: string): Promise<string>;
  /** The notices that it acted upon so far. */
  seen(): Promise<readonly Readonly<Record<string, unknown>>[]>;
};

/** The sample receiver as a program of its own, on a free port. */
export async function startWebhookReceiver(secret = WEBHOOK_SECRET): Promise<WebhookReceiver> {
  const program = startProgram([process.execPath, example], {
    PATH: process.env.PATH,
    PORT: '0',
    JIT_WEBHOOK_SECRET: secret,
  });
  const [, url = ''] = /listening on (\S+)/.exec(await program.see(/listening on \S+\n/)) ?? [];
  return {
    url,
    see: (what) => program.see(what),
    seen: async () => readLines(await program.see('')),
    [Symbol.asyncDispose]: () => end(program),
  };
}

function readLines(text: string): readonly Readonly<Record<string, unknown>>[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line): Readonly<Record<string, unknown>> => JSON.parse(line));
}

async function end(program: RunningProgram): Promise<void> {
  program.process.kill();
  await program.ended;
}
