import type { SlackChannel } from '../../../core/config.ts';
import { fail, type JitError } from '../../../core/errors.ts';
import type { Instant } from '../../../core/time.ts';
import type { Line } from '../exchange.ts';

export const NAME = 'slack';

type Answer = Readonly<Record<string, unknown>>;

/** What was refused, in Slack's own word. */
export type Refused = { readonly ok: false; readonly error: string };
export type Taken = { readonly ok: true; readonly answer: Answer };

/** Methods of Slack's Web API. */
export type SlackApi = {
  /** `channel_failed` where there was no answer or none that can be read; what Slack refused is an answer. */
  call(method: string, body: object, options: { readonly deadlineAt: Instant }): Promise<Taken | Refused>;
};

export function createSlackApi(options: { readonly config: SlackChannel; readonly line: Line }): SlackApi {
  const { config, line } = options;
  const base = config.apiUrl.endsWith('/') ? config.apiUrl : `${config.apiUrl}/`;
  return {
    async call(method, body, { deadlineAt }) {
      const response = await line.send(new URL(method, base).href, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${config.token.reveal()}`,
          'content-type': 'application/json; charset=utf-8',
        },
        body: JSON.stringify(body),
        deadlineAt,
      });
      if (!response.ok) throw failSlack(`it answered ${response.status}`);
      const answer = await readAnswer(response);
      if (answer.ok === true) return { ok: true, answer };
      return { ok: false, error: readWord(answer.error) };
    },
  };
}

export function failSlack(why: string): JitError {
  return fail('channel_failed', { channel: NAME, why });
}

export function requireTaken(result: Taken | Refused): Answer {
  if (result.ok) return result.answer;
  throw failSlack(`it answered "${result.error}"`);
}

async function readAnswer(response: Response): Promise<Answer> {
  const answer: unknown = await response.json().catch(() => undefined);
  if (typeof answer !== 'object' || answer === null) throw failSlack('it answered no JSON');
  return answer as Answer;
}

function readWord(error: unknown): string {
  return typeof error === 'string' && /^[a-z_]{1,64}$/.test(error) ? error : 'unknown_error';
}
