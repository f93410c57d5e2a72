/** The request's id in a problem document; undefined where the answer is none. */
export function findProblemId(type: string | null, text: string): unknown {
  if (!type?.includes('application/problem+json')) return undefined;
  const problem: { readonly request_id?: unknown } = JSON.parse(text);
  return problem.request_id;
}
