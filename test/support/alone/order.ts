import type { RequestOrder } from '../../../src/client/request.ts';
import type { Asked } from '../../../src/core/request.ts';

/** Reading `orders` for five minutes, which is how long the tokens of `startAloneProvider` last. */
export const READ: Asked = {
  scopes: ['prod:db.read'],
  target: 'orders',
  durationSeconds: 300,
  reason: 'INC-4211: slow checkout',
  ticket: null,
  extendsGrantId: null,
  breakGlass: false,
};
export const BOTH: Asked = { ...READ, scopes: ['prod:db.read', 'prod:db.write'] };

/** With a key of its own. */
export function order(asked: Asked = READ): RequestOrder {
  return { asked, idempotencyKey: crypto.randomUUID() };
}
