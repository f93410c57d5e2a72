import { Hono } from 'hono';
import { hasCode, JitError } from '../../core/errors.ts';
import { SERVER_TIME_HEADER } from '../../core/wire/routes.ts';
import { buildChallenge, buildStepUpChallenge } from '../authenticate.ts';
import { isClientFault } from '../http/client-fault.ts';
import { answerProblem } from '../http/respond.ts';
import type { ApiEnvironment, ApiParts } from './context.ts';
import { buildGrantRoutes } from './grants.ts';
import { buildInboxRoutes } from './inbox.ts';
import { buildDescriptionRoute } from './openapi.ts';
import { buildPeopleRoutes } from './people.ts';
import { buildRequestRoutes } from './requests.ts';
import { buildReviewRoutes } from './reviews.ts';
import { buildRevocationRoutes } from './revocations.ts';
import { buildSshRoutes } from './ssh.ts';

export type { ApiEnvironment, ApiParts } from './context.ts';

/** All of `/v1`. */
export function buildApi(
  parts: ApiParts & {
    /** The server's address, for the challenge of a refused proof. */
    readonly challenge: string;
  },
): Hono<ApiEnvironment> {
  const app = new Hono<ApiEnvironment>();
  app.use('/v1/*', async (c, next) => {
    await next();
    // In their place: `c.header` would make the answer anew, and a stream of its text, which costs more than most calls.
    const { headers } = c.res;
    headers.set('cache-control', 'no-store');
    headers.set('x-content-type-options', 'nosniff');
    headers.set(SERVER_TIME_HEADER, new Date(parts.broker.clock.now()).toISOString());
  });
  app.route('/', buildPeopleRoutes(parts));
  app.route('/', buildRequestRoutes(parts));
  app.route('/', buildGrantRoutes(parts));
  app.route('/', buildReviewRoutes(parts));
  app.route('/', buildRevocationRoutes(parts));
  app.route('/', buildSshRoutes(parts));
  app.route('/', buildInboxRoutes(parts));
  app.route('/', buildDescriptionRoute());
  app.onError((error, c) => {
    if (!(error instanceof JitError) && !isClientFault(error, c.env.incoming)) parts.onError(error);
    if (hasCode(error, 'login_needed', 'session_expired'))
      c.header('www-authenticate', buildChallenge(parts.challenge));
    if (hasCode(error, 'step_up_needed') && error.demand)
      c.header('www-authenticate', buildStepUpChallenge(parts.challenge, error.demand));
    return answerProblem(c, error);
  });
  return app;
}
