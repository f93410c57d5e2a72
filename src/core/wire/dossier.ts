import * as v from 'valibot';
import { formatInstant } from '../time.ts';
import type { DossierView } from '../view.ts';
import { encodeList, encodeTexts, instant, nullableText, outcome, text, texts } from './fields.ts';
import { encodeGrant, grantMessage } from './grant.ts';
import { encodeRequest, requestMessage } from './request.ts';

/** All that a reviewer wants to know before deciding. */
export const dossierMessage = v.pipe(
  v.object({
    request: requestMessage,
    may_decide: v.boolean(),
    obstacle: nullableText,
    requester: v.object({ name: text, kind: v.picklist(['person', 'workload']), groups: texts }),
    from: v.object({ ip: text, method: text, logged_in_at: instant }),
    verdicts: v.array(v.object({ scope: text, outcome, rules: texts, reasons: texts })),
    unusual: texts,
    earlier: v.array(requestMessage),
    grants: v.array(grantMessage),
  }),
  v.transform(
    ({ may_decide, from, ...wire }): DossierView => ({
      ...wire,
      mayDecide: may_decide,
      from: { ip: from.ip, method: from.method, loggedInAt: from.logged_in_at },
    }),
  ),
);

export function encodeDossier(view: DossierView): v.InferInput<typeof dossierMessage> {
  return {
    request: encodeRequest(view.request),
    may_decide: view.mayDecide,
    obstacle: view.obstacle,
    requester: {
      name: view.requester.name,
      kind: view.requester.kind,
      groups: encodeTexts(view.requester.groups),
    },
    from: {
      ip: view.from.ip,
      method: view.from.method,
      logged_in_at: formatInstant(view.from.loggedInAt),
    },
    verdicts: view.verdicts.map(({ scope, outcome: said, rules, reasons }) => ({
      scope,
      outcome: said,
      rules: encodeList(rules),
      reasons: encodeList(reasons),
    })),
    unusual: encodeList(view.unusual),
    earlier: view.earlier.map(encodeRequest),
    grants: view.grants.map(encodeGrant),
  };
}
