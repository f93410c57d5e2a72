import { userInfo } from 'node:os';

/** Who runs a command on the server's own machine, as the audit log has them. In a container nobody has a name: a number. */
export function nameOperator(find: () => { readonly username: string } = userInfo): string {
  try {
    return `operator:${find().username}`;
  } catch {
    return `operator:${process.getuid?.() ?? 'unknown'}`;
  }
}
