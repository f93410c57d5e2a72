import type { Asker, Broker } from '../../../broker/parts.ts';
import type { ReadAddress } from '../../http/address.ts';
import { refuseForm } from '../form-refusal.ts';
import { buildLoginPath } from '../next.ts';
import { type PageContext, readForm } from '../page-frame.ts';
import { findVisitorOf, requireWebSession, type Visitor, type VisitorOptions } from '../visitor.ts';
import { renderLoggedOutPage } from './logged-out-page.tsx';
import type { Frame } from './shell.tsx';

export type ReviewPageOptions = VisitorOptions & {
  readonly installName: string;
  readonly timeZone: string;
  readonly readAddress: ReadAddress;
  readonly broker: Broker;
};

/** Somebody logged in who looks at a page: as the broker is asked, and as the page is framed. */
export type Reader = { readonly asker: Asker; readonly frame: Frame };

/** Whoever is logged in; else the answer that leads to the login and back here. */
export async function requireReader(c: PageContext, options: ReviewPageOptions): Promise<Reader | Response> {
  const visitor = await requireWebSession(c, options);
  return visitor instanceof Response ? visitor : buildReader(c, options, visitor);
}

export type PostedForm = Reader & { readonly field: (name: string) => string };

/**
 * A form of ours, posted by whoever is logged in in that browser. Anything else is answered here, and nothing may be
 * changed by it. `next`: the page to come back to after a login.
 */
export async function requirePosted(
  c: PageContext,
  options: ReviewPageOptions,
  next: string,
): Promise<PostedForm | Response> {
  const form = await readForm(c, options);
  if (form.kind !== 'form') return refuseForm(c, options, form.kind);
  const visitor = await findVisitorOf(form.browserId, options);
  if (!visitor)
    return c.html(renderLoggedOutPage({ ...options, path: buildLoginPath({ next }) }), 401) as Response;
  return { ...(await buildReader(c, options, visitor)), field: form.field };
}

async function buildReader(c: PageContext, options: ReviewPageOptions, visitor: Visitor): Promise<Reader> {
  const { principal, login, browserId } = visitor;
  return {
    asker: { principal, login, ip: options.readAddress(c.env.incoming) },
    frame: {
      installName: options.installName,
      personName: principal.name,
      csrf: options.webSessions.makeCsrf(browserId),
      clock: { now: options.clock.now(), timeZone: options.timeZone },
      position: await options.broker.store.findPosition(),
    },
  };
}
