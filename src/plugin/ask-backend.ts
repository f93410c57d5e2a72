import { fail, JitError } from '../core/errors.ts';
import type { Clock } from '../core/ports/clock.ts';
import {
  type AnswerForm,
  type AnswerForms,
  type BackendAnswer,
  type BackendMethod,
  backendAnswers,
} from '../core/wire/backend-answers.ts';
import { takeAnswer } from '../core/wire/take-answer.ts';
import type { PluginBackend, Settings } from './api.ts';
import { type CallLimit, createCalls } from './calls.ts';
import { describeTrouble, explainTrouble, readMessage, repeatRefusal } from './trouble.ts';

export type AskedBackend = {
  /** For people: which plugin. */
  readonly label: string;
  readonly clock: Clock;
  readonly settings: Settings;
};

export type Asking = CallLimit & {
  /** The request or grant that it is about, where it is about one. */
  readonly id?: string;
  /** What the plugin's own method is given: copies. `ending` is aborted when nobody waits any more. */
  readonly build: (ending: AbortSignal) => readonly unknown[];
};

export type Ask = <M extends BackendMethod>(method: M, asking: Asking) => Promise<BackendAnswer<M>>;

/**
 * Questions to a package, each answered in time by what the answer must be, or by an error: `unreachable` where it does
 * not answer, `bad_answer` where that is no answer, `not_offered` where there is no such method, `interrupted` where the
 * signal is aborted.
 */
export function createAsking(opened: PluginBackend, asked: AskedBackend): Ask {
  const { label, clock, settings } = asked;
  const { runFor } = createCalls({
    clock,
    settings,
    refuse: (why) => fail('unreachable', { address: label, why }),
    judge: (error) => judgeThrown(error, asked),
  });
  const answerOwn = async (method: BackendMethod, { build, ...limit }: Asking): Promise<unknown> => {
    const leave = (): JitError => fail('interrupted', { why: `${label} was not waited for` });
    if (limit.signal?.aborted) throw leave();
    try {
      return await runFor(limit, async (ending) => callOwn(opened, { label, method, args: build(ending) }));
    } catch (error) {
      throw limit.signal?.aborted ? leave() : error;
    }
  };
  return async <M extends BackendMethod>(method: M, asking: Asking): Promise<BackendAnswer<M>> => {
    const forms: AnswerForms = backendAnswers;
    const { schema, encode } = forms[method](asking.id ?? '');
    const answer = await answerOwn(method, asking);
    const place = { address: label, method: nameOnWire(method) };
    return takeAnswer<BackendAnswer<M>>(encodeOrRefuse(answer, { ...place, encode, settings }), {
      ...place,
      schema,
    });
  };
}

export function nameOnWire(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

type Calling = { readonly label: string; readonly method: BackendMethod; readonly args: readonly unknown[] };

function callOwn(opened: PluginBackend, { label, method, args }: Calling): unknown {
  const own: unknown = opened[method];
  if (typeof own === 'function') return Reflect.apply(own, opened, args);
  throw fail('not_offered', { address: label, what: nameOnWire(method) });
}

type Encoding<T> = Pick<AnswerForm<T>, 'encode'> & {
  readonly address: string;
  readonly method: string;
  readonly settings: Settings;
};

/** As a program would have said it; what cannot even be read is no answer. */
function encodeOrRefuse<T>(answer: unknown, { encode, address, method, settings }: Encoding<T>): unknown {
  try {
    return encode(answer as T);
  } catch (error) {
    const why = `to ${method}: it is no such document: ${explainTrouble(readMessage(error), settings)}`;
    throw fail('bad_answer', { address, why }, describeTrouble(error, settings));
  }
}

/** An error of jit's is what it says, as a server's would be; everything else has failed. */
function judgeThrown(error: unknown, { label, settings }: AskedBackend): JitError {
  const refusal = error instanceof JitError ? repeatRefusal(error, settings) : undefined;
  const why = `${label}: ${explainTrouble(readMessage(error), settings)}`;
  return refusal ?? fail('failed', { why }, describeTrouble(error, settings));
}
