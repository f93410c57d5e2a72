import {
  buildTokenChallenge,
  type Demand,
  REFUSAL_STATUS,
  type Refusal,
} from '../server/oauth/tokens/presented.ts';

const RETRY_AFTER_SECONDS = 5;

/** How a service answers instead of going on: everything that is wrong with a token looks the same (TOK-01). */
export type Refused = {
  readonly ok: false;
  readonly status: (typeof REFUSAL_STATUS)[Refusal['error']];
  readonly error: Refusal['error'];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export function buildRefusal(refusal: Refusal, demand: Demand): Refused {
  const { error } = refusal;
  const challenge = buildTokenChallenge(refusal, demand);
  return {
    ok: false,
    status: REFUSAL_STATUS[error],
    error,
    headers: {
      'cache-control': 'no-store',
      'content-type': 'application/json',
      ...(challenge === undefined
        ? { 'retry-after': String(RETRY_AFTER_SECONDS) }
        : { 'www-authenticate': challenge }),
    },
    body: JSON.stringify({ error }),
  };
}
