import { userInfo } from 'node:os';

/** Who runs a command on the server's own machine, as the audit log has them. */
export function nameOperator(): string {
  return `operator:${userInfo().username}`;
}
