import type { AccessRequest } from '../../core/request.ts';
import type { RequestView } from '../../core/view.ts';
import type { Broker } from '../parts.ts';
import { listCounted } from '../review/counted.ts';
import { countGiven, readTold, viewRequest } from './view.ts';

/** A request as it was at one moment, for all who look at it then. Who may is asked for each of them. */
export type RequestLook = {
  readonly request: AccessRequest;
  /** What moves while somebody waits. */
  readonly progress: { readonly given: number; readonly told: number };
  /** Made once, and only when somebody wants it: it says who could approve. */
  readonly readView: () => Promise<RequestView>;
};

export async function lookAtRequest(broker: Broker, id: string): Promise<RequestLook | undefined> {
  const request = await broker.store.readRequest(id);
  if (!request) return undefined;
  const [counted, told] = await Promise.all([listCounted(broker, request), readTold(broker, [request])]);
  let view: Promise<RequestView> | undefined;
  return {
    request,
    progress: { given: countGiven(counted), told: told.get(id)?.length ?? 0 },
    readView: () => {
      view ??= viewRequest(broker, request);
      return view;
    },
  };
}
