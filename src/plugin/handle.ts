import { fail } from '../core/errors.ts';

const PREFIX = 'jit';

/** The name of a grant at a target: `jit_<installation>_<grant>`. `target_failed` for what is no id of a grant. */
export function nameGrant(parts: {
  readonly installation: string;
  readonly grantId: string;
  /** For the error. */
  readonly target: string;
}): string {
  const found = /^gr_([a-z0-9]+)$/.exec(parts.grantId);
  if (!found) throw fail('target_failed', { target: parts.target, why: 'that is not the id of a grant' });
  return `${PREFIX}_${parts.installation}_${found[1]}`;
}

/** Is this a name that `nameGrant` gives in this installation? Nothing else is ever touched. */
export function isGrantName(name: string, installation: string): boolean {
  const start = `${PREFIX}_${installation}_`;
  return name.startsWith(start) && /^[a-z0-9]+$/.test(name.slice(start.length));
}
