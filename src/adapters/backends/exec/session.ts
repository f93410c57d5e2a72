import * as v from 'valibot';
import { fail, type JitError } from '../../../core/errors.ts';
import { type Answer, readAnswer } from './message.ts';
import type { PluginProcess, ProcessOrder } from './plugin-process.ts';

export const PROTOCOL = 1;

export type StartProcess = (
  listeners: Pick<ProcessOrder, 'onLine' | 'onFault' | 'onEnd'>,
) => Promise<PluginProcess>;

export type SessionOptions = {
  /** For people: which plugin. */
  readonly label: string;
  readonly start: StartProcess;
  /** Told when the plugin breaks the rules; it is ended by then. */
  readonly onFault: (error: JitError) => void;
};

/** One life of a plugin. */
export type Session = {
  /** Resolves with the methods that it offers. */
  readonly greet: (greeting: object) => Promise<readonly string[]>;
  /** MUST NOT be called again before it has settled. */
  readonly ask: (method: string, params: object) => Promise<unknown>;
  /** Somebody asked, and there is no answer yet. */
  readonly isBusy: () => boolean;
  readonly isOver: () => boolean;
  readonly kill: () => void;
  readonly close: () => Promise<void>;
};

type Waiting = {
  readonly id: number;
  readonly method: string;
  readonly settle: (answer: Answer) => void;
};

const greeted = v.object({
  protocol: v.pipe(v.number(), v.safeInteger()),
  methods: v.pipe(v.array(v.pipe(v.string(), v.maxLength(64))), v.maxLength(64)),
});

/** Starts a plugin. What it says without being asked, or in another way than agreed, is its end. */
export async function openSession({ label, start, onFault }: SessionOptions): Promise<Session> {
  let waiting: Waiting | undefined;
  let over: JitError | undefined;
  let lastId = 0;

  const finish = (error: JitError): void => {
    over ??= error;
    const { settle } = waiting ?? {};
    waiting = undefined;
    settle?.({ kind: 'refusal', error: over });
  };
  const condemn = (why: string): void => {
    if (over) return;
    finish(fail('bad_answer', { address: label, why }));
    process.kill();
    if (over) onFault(over);
  };
  const hear = (line: string): void => {
    if (over) return;
    const answer = readAnswer(line, { id: waiting?.id, label, method: waiting?.method ?? '' });
    if (typeof answer === 'string') {
      condemn(answer);
      return;
    }
    const { settle } = waiting ?? {};
    waiting = undefined;
    settle?.(answer);
  };
  const process = await start({
    onLine: hear,
    onFault: condemn,
    onEnd: (why) => finish(fail('unreachable', { address: label, why })),
  });
  const ask = (method: string, params: object): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (over) return reject(over);
      lastId += 1;
      const settle = (answer: Answer): void =>
        answer.kind === 'result' ? resolve(answer.result) : reject(answer.error);
      waiting = { id: lastId, method, settle };
      process.write(JSON.stringify({ jsonrpc: '2.0', id: lastId, method, params }));
    });
  return {
    ask,
    greet: async (greeting) =>
      readGreeting(await ask('initialize', { protocol: PROTOCOL, ...greeting }), label),
    isBusy: () => waiting !== undefined,
    isOver: () => over !== undefined,
    kill: () => {
      finish(fail('interrupted', { why: `${label} was ended` }));
      process.kill();
    },
    close: process.close,
  };
}

function readGreeting(answer: unknown, label: string): readonly string[] {
  const parsed = v.safeParse(greeted, answer);
  if (!parsed.success) throw fail('bad_answer', { address: label, why: 'it does not say what it offers' });
  const { protocol, methods } = parsed.output;
  if (protocol === PROTOCOL) return methods;
  const why = `it speaks version ${protocol} of the protocol, and this jit version ${PROTOCOL}`;
  throw fail('plugin_unusable', { plugin: label, why });
}
