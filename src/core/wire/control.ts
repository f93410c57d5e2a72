import * as v from 'valibot';
import type { ControlOrder } from '../control.ts';
import { fail } from '../errors.ts';
import { KEY_USES } from '../server-keys.ts';

const uses = v.pipe(v.array(v.picklist(KEY_USES)), v.minLength(1), v.maxLength(KEY_USES.length));
const name = v.pipe(v.string(), v.minLength(1), v.maxLength(256));

const orderMessage = v.variant('do', [
  v.strictObject({ do: v.literal('reconcile'), apply: v.boolean() }),
  v.strictObject({ do: v.literal('list_keys'), uses }),
  v.strictObject({ do: v.literal('rotate_keys'), uses, actor: name }),
  v.strictObject({ do: v.literal('confirm_restore'), by: name }),
]);

/** `bad_message` for what is no order: both sides are of one machine, and may still be of two versions. */
export function decodeOrder(message: unknown): ControlOrder {
  const parsed = v.safeParse(orderMessage, message);
  if (parsed.success) return parsed.output;
  throw fail('bad_message', { why: 'the server that runs does not know this order' });
}
