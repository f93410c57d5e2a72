import type { Asked } from '../../core/request.ts';

/** What is asked for, as it travels. */
export function encodeAsked(asked: Asked): object {
  return {
    scopes: asked.scopes,
    target: asked.target,
    duration_seconds: asked.durationSeconds,
    reason: asked.reason,
    ticket: asked.ticket,
    extends_grant_id: asked.extendsGrantId,
    break_glass: asked.breakGlass,
  };
}
