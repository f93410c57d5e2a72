import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../core/ports/clock.ts';
import { SECOND_MS } from '../core/time.ts';

/** One thing that must be so before requests are sent here. Resolves with what is wrong, null where nothing is. */
export type ReadinessCheck = { readonly name: string; readonly look: () => Promise<string | null> };

export type Health = {
  /** Answers `/healthz` and `/readyz`; false: the request is somebody else's. */
  readonly answer: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** From now on the server says that it is not ready, whatever else is so. */
  readonly drain: () => void;
};

export type HealthParts = {
  readonly checks: readonly ReadinessCheck[];
  readonly clock: Pick<Clock, 'sleep'>;
  /** Is nothing given or decided here until somebody has confirmed what was restored? Requests are answered all the same. */
  readonly readQuarantine?: () => boolean;
  /** Is there only room for what ends? There may be no other server that could answer, and this one does. */
  readonly isFull?: () => boolean;
  /** Told when the server is not ready any more, and when it is again. */
  readonly onChange: (failing: readonly string[]) => void;
};

const LONGEST_LOOK_MS = SECOND_MS;

/**
 * Is the process alive, and should it be sent requests? Balancers ask by address and without a login, so the answer
 * says which check failed and nothing more. However many ask at once, the checks run once.
 */
export function createHealth(parts: HealthParts): Health {
  let isDraining = false;
  let looking: Promise<readonly string[]> | undefined;
  let before = '';
  const look = async (): Promise<readonly string[]> => {
    const found = await Promise.all(parts.checks.map((check) => findFailing(check, parts.clock)));
    const failing = found.filter((name) => name !== undefined);
    if (failing.join() !== before) parts.onChange(failing);
    before = failing.join();
    return failing;
  };
  const listFailing = async (): Promise<readonly string[]> => {
    if (isDraining) return ['draining'];
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  };
  return {
    drain: () => {
      isDraining = true;
    },
    answer: (request, response) => {
      const path = (request.url ?? '').split('?')[0];
      if (path !== '/healthz' && path !== '/readyz') return false;
      if (request.method !== 'GET' && request.method !== 'HEAD') send(response, 405, { alive: true });
      else if (path === '/healthz') send(response, 200, { alive: true });
      else
        void listFailing().then((failing) =>
          send(response, failing.length === 0 ? 200 : 503, {
            ready: failing.length === 0,
            failing,
            ...(parts.readQuarantine?.() ? { quarantine: true } : {}),
            ...(parts.isFull?.() ? { full: true } : {}),
          }),
        );
      return true;
    },
  };
}

/** A check that throws, or takes too long, has failed. */
async function findFailing(
  { name, look }: ReadinessCheck,
  clock: Pick<Clock, 'sleep'>,
): Promise<string | undefined> {
  const done = new AbortController();
  const late = clock.sleep(LONGEST_LOOK_MS, done.signal).then(() => 'it took too long');
  const wrong = await Promise.race([look().catch(() => 'it failed'), late]);
  done.abort();
  return wrong === null ? undefined : name;
}

function send(response: ServerResponse, status: number, body: object): void {
  response
    .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    .end(`${JSON.stringify(body)}\n`);
}
