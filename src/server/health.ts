import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../core/ports/clock.ts';
import { SECOND_MS } from '../core/time.ts';

/** The check without which nothing can be read. */
export const STORE_CHECK = 'store';

/** One thing that must be so before requests are sent here. Resolves with what is wrong, null where nothing is. */
export type ReadinessCheck = { readonly name: string; readonly look: () => Promise<string | null> };

/**
 * Why nothing new is given for now, by a server that is sent requests all the same: what ends and who looks must reach it,
 * and there may be no other one. What was restored waits for somebody to confirm it; the disk is full; the clock is wrong.
 */
export type Limit = 'quarantine' | 'full' | 'clock_wrong';

export type Health = {
  readonly look: () => Promise<HealthFound>;
  /** Answers `/healthz` and `/readyz`; false: the request is somebody else's. */
  readonly answer: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** From now on the server says that it is not ready, whatever else is so. */
  readonly drain: () => void;
};

export type HealthFound = { readonly failing: readonly string[]; readonly limits: readonly Limit[] };

export type HealthParts = {
  readonly checks: readonly ReadinessCheck[];
  readonly clock: Pick<Clock, 'sleep'>;
  readonly listLimits: () => readonly Limit[];
  /** Told when any of it is not as it was found before. */
  readonly onChange: (found: HealthFound) => void;
};

const LONGEST_LOOK_MS = SECOND_MS;

/**
 * Is the process alive, and should it be sent requests? Balancers ask by address and without a login, so the answer
 * says which check failed and nothing more. However many ask at once, the checks run once.
 */
export function createHealth(parts: HealthParts): Health {
  let isDraining = false;
  let looking: Promise<HealthFound> | undefined;
  let before = JSON.stringify({ failing: [], limits: [] });
  const lookAtAll = async (): Promise<HealthFound> => {
    const names = await Promise.all(parts.checks.map((check) => findFailing(check, parts.clock)));
    const found = { failing: names.filter((name) => name !== undefined), limits: parts.listLimits() };
    if (JSON.stringify(found) !== before) parts.onChange(found);
    before = JSON.stringify(found);
    return found;
  };
  const look = async (): Promise<HealthFound> => {
    if (isDraining) return { failing: ['draining'], limits: parts.listLimits() };
    looking ??= lookAtAll().finally(() => {
      looking = undefined;
    });
    return looking;
  };
  return {
    look,
    drain: () => {
      isDraining = true;
    },
    answer: (request, response) => {
      const path = (request.url ?? '').split('?')[0];
      if (path !== '/healthz' && path !== '/readyz') return false;
      if (request.method !== 'GET' && request.method !== 'HEAD') send(response, 405, { alive: true });
      else if (path === '/healthz') send(response, 200, { alive: true });
      else
        void look().then(({ failing, limits }) =>
          send(response, failing.length === 0 ? 200 : 503, {
            ready: failing.length === 0,
            failing,
            ...Object.fromEntries(limits.map((limit) => [limit, true])),
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
