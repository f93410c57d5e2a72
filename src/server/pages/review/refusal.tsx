import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { readDossier } from '../../../broker/review/dossier.ts';
import { JitError } from '../../../core/errors.ts';
import { buildLoginPath } from '../next.ts';
import type { PageContext } from '../page-frame.ts';
import type { PostedForm, ReviewPageOptions } from './context.ts';
import { readShown } from './request/decision-fields.ts';
import { renderRequestPage } from './request/page.tsx';
import { toSentence } from './sentence.ts';
import { renderStepUpPage } from './step-up-page.tsx';

export type Refused = {
  readonly error: unknown;
  readonly posted: PostedForm;
  readonly requestId: string;
};

/**
 * The answer to a decision that was not taken: the login that policy asks for, once; else the request's page as it is
 * now, with the reason above it and what was typed still there. What nobody planned for is thrown on.
 */
export async function answerRefusal(
  c: PageContext,
  options: ReviewPageOptions,
  { error, posted, requestId }: Refused,
): Promise<Response> {
  if (!(error instanceof JitError) || error.code === 'not_found') throw error;
  const { field, frame, asker } = posted;
  const isSteppedUp = field('stepped_up') === 'yes';
  if (error.demand && !isSteppedUp) {
    const path = buildLoginPath({ next: `/requests/${requestId}?stepped_up=yes`, demand: error.demand });
    return c.html(renderStepUpPage({ frame, path, why: error.message }), 401) as Response;
  }
  const dossier = await readDossier(options.broker, asker, requestId);
  const hasChanged = error.code === 'request_changed';
  const before = hasChanged ? (readShown(field) ?? dossier.request) : undefined;
  const note = hasChanged ? null : ({ kind: 'error', text: describeRefusal(error) } as const);
  const page = renderRequestPage({ frame, dossier, note, before, reason: field('reason'), isSteppedUp });
  return c.html(page, error.status as ContentfulStatusCode) as Response;
}

/** In the error's own words; its hint is a command, and this is no terminal. */
export function describeRefusal({ message }: JitError): string {
  return `${toSentence(message)} Nothing was changed.`;
}
