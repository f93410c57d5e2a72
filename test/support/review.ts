import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Stage } from './stage.ts';

type Review = { readonly requestId: string; readonly outcome: 'approved' | 'denied' };

const CLAIM_WINDOW_MS = 900_000;

/** What a reviewer's decision leaves in the store: written from outside, because no command or page takes one yet. */
export function reviewInStore(stage: Pick<Stage, 'folder'>, { requestId, outcome }: Review): void {
  const store = new DatabaseSync(join(stage.folder, 'jit.db'));
  try {
    store.exec('begin immediate');
    store
      .prepare(
        `insert into reviews (request_id, position, requested_by, requester_person, reviewer, reviewer_person,
           reviewer_name, reviewer_groups, outcome, reason, scopes, duration_seconds, way, at)
         select id, 0, requested_by, requester_person, 'dev:dba-lead', 'dev:dba-lead', 'dba-lead', '["dba"]', ?,
           'looked at it', scopes, duration_seconds, 'cli', ? from requests where id = ?`,
      )
      .run(outcome, Date.now(), requestId);
    store
      .prepare(
        'update requests set state = ?, version = version + 1, review_count = 1, claim_by = ? where id = ?',
      )
      .run(outcome, outcome === 'approved' ? Date.now() + CLAIM_WINDOW_MS : null, requestId);
    store.exec('commit');
  } finally {
    store.close();
  }
}
