/** `prod` of `prod:db.read`: the environment that a scope is in. */
export function environmentOf(scope: string): string {
  return scope.split(':', 1)[0] ?? scope;
}
