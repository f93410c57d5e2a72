import type { Http, HttpAnswer } from '../../core/ports/http.ts';
import type { CustomFetch } from './openid-client.ts';

const BODILESS: readonly number[] = [204, 205];

/** The part of `fetch` that the OAuth library needs, over `Http`. Every answer is shown to `onAnswer` first. */
export function createCustomFetch(options: {
  readonly http: Http;
  readonly signal?: AbortSignal | undefined;
  readonly onAnswer: (answer: HttpAnswer) => void;
}): CustomFetch {
  const { http, signal, onAnswer } = options;
  return async (url, call) => {
    const answer = await http.send({
      method: call.method === 'GET' ? 'GET' : 'POST',
      url,
      headers: call.headers,
      body: encodeBody(call.body),
      signal,
    });
    onAnswer(answer);
    const body = BODILESS.includes(answer.status) ? null : answer.body;
    return new Response(body, { status: answer.status, headers: answer.headers });
  };
}

function encodeBody(body: unknown): string | undefined {
  return body === undefined || body === null ? undefined : String(body);
}
