import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { fail } from '../../../src/core/errors.ts';
import { Secret } from '../../../src/core/secret.ts';
import type { Claimed, DossierView, InboxView, ScopeView } from '../../../src/core/view.ts';
import { claimedMessage, encodeClaimed } from '../../../src/core/wire/claim.ts';
import { dossierMessage, encodeDossier } from '../../../src/core/wire/dossier.ts';
import { encodeGrant, grantMessage } from '../../../src/core/wire/grant.ts';
import { encodeInbox, inboxMessage } from '../../../src/core/wire/inbox.ts';
import { changeMessage, encodeChange } from '../../../src/core/wire/live.ts';
import { encodePerson, encodeScope, personMessage, scopesMessage } from '../../../src/core/wire/messages.ts';
import { decodeProblem, encodeProblem } from '../../../src/core/wire/problem.ts';
import { encodeRequest, requestMessage } from '../../../src/core/wire/request.ts';
import { approveMessage, encodeApproval } from '../../../src/core/wire/review.ts';
import {
  encodeRevoked,
  encodeSelection,
  revokedMessage,
  selectionMessage,
  writeSelectionQuery,
} from '../../../src/core/wire/revocation.ts';
import { sampleClaimed, sampleGrantView, sampleRequestView } from '../../support/core-samples.ts';

/** As it arrives: through text, with nothing shared. */
function travel(document: unknown): unknown {
  return JSON.parse(JSON.stringify(document));
}

describe('what is sent is what arrives', () => {
  it('for a request', () => {
    expect(v.parse(requestMessage, travel(encodeRequest(sampleRequestView)))).toEqual(sampleRequestView);
    const bare = { ...sampleRequestView, decision: null, ticket: null, claimBy: null, grantId: null };
    expect(v.parse(requestMessage, travel(encodeRequest(bare)))).toEqual(bare);
  });

  it('for a grant', () => {
    expect(v.parse(grantMessage, travel(encodeGrant(sampleGrantView)))).toEqual(sampleGrantView);
    const live = { ...sampleGrantView, lastUsedAt: null, endedAt: null, endedBecause: null };
    expect(v.parse(grantMessage, travel(encodeGrant(live)))).toEqual(live);
    const taken = { ...sampleGrantView, endedBecause: 'revoked' as const, endedBy: 'dba-lead' };
    expect(v.parse(grantMessage, travel(encodeGrant(taken)))).toEqual(taken);
  });

  it('for a grant of an older server, which does not say whether it was break-glass', () => {
    const { break_glass: _, ...older } = encodeGrant(sampleGrantView);
    expect(v.parse(grantMessage, older)).toEqual({ ...sampleGrantView, breakGlass: false });
  });

  it('for a claimed request with its credential, secrets included', () => {
    const arrived = v.parse(claimedMessage, travel(encodeClaimed(sampleClaimed)));
    expect(arrived).toEqual(sampleClaimed);
    expect(reveal(arrived)).toEqual(['canary-token', 'canary-environment', 'canary-file', 'canary-instead']);
    const again = { ...sampleClaimed, credential: null };
    expect(v.parse(claimedMessage, travel(encodeClaimed(again))).credential).toBeNull();
  });

  it('for a scope of the catalogue', () => {
    const view: ScopeView = {
      name: 'prod:db.read',
      description: 'Read production data',
      sensitivity: 'medium',
      defaultSeconds: 1800,
      maxSeconds: 14_400,
      targets: [
        { name: 'orders', kind: 'postgres', outcome: 'needs_people', canApprove: [] },
        {
          name: 'web',
          kind: 'bastion',
          takesCertificates: true,
          outcome: 'automatic',
          automaticSeconds: 3600,
          canApprove: [],
        },
      ],
      minimumReasonLength: 10,
      needsTicket: true,
    };
    expect(v.parse(scopesMessage, travel({ scopes: [encodeScope(view)] })).scopes).toEqual([view]);
  });

  it('for an inbox', () => {
    const view: InboxView = {
      asOf: sampleGrantView.claimedAt,
      position: 4711,
      requests: [sampleRequestView],
      afterwards: [{ ...sampleRequestView, id: 'req_0k9' }],
    };
    expect(v.parse(inboxMessage, travel(encodeInbox(view)))).toEqual(view);
  });

  it('for a dossier', () => {
    const view: DossierView = {
      request: sampleRequestView,
      mayDecide: false,
      obstacle: 'it is your own request',
      requester: { name: 'dev', kind: 'workload', groups: ['engineers'] },
      from: { ip: '192.0.2.7', method: 'device', loggedInAt: sampleGrantView.claimedAt },
      verdicts: [{ scope: 'prod:db.read', outcome: 'denied', rules: ['r'], reasons: ['because'] }],
      unusual: ['never at night before'],
      earlier: [{ ...sampleRequestView, id: 'req_0k3' }],
      grants: [sampleGrantView],
    };
    expect(v.parse(dossierMessage, travel(encodeDossier(view)))).toEqual(view);
  });

  it('for an approval', () => {
    const approval = { scopes: ['prod:db.read'], durationSeconds: 60, reason: 'fine', digest: 'd' };
    expect(v.parse(approveMessage, travel(encodeApproval(approval)))).toEqual({
      scopes: ['prod:db.read'],
      duration_seconds: 60,
      reason: 'fine',
      digest: 'd',
    });
    const whole = { scopes: null, duration_seconds: null, reason: null, digest: 'd' };
    expect(v.parse(approveMessage, { digest: 'd' })).toEqual(whole);
  });

  it.each([
    { user: 'dev', target: null },
    { user: null, target: 'orders' },
    { user: 'dev & co+1', target: 'orders' },
    { user: null, target: null },
  ])('for a selection, in a body and in an address: %j', (selection) => {
    expect(v.parse(selectionMessage, travel(encodeSelection(selection)))).toEqual(selection);
    const query = Object.fromEntries(new URLSearchParams(writeSelectionQuery(selection)));
    const named = query.everyone === 'true' ? { ...query, everyone: true } : query;
    expect(v.parse(selectionMessage, named)).toEqual(selection);
  });

  it('for what was revoked', () => {
    const view = { grants: [sampleGrantView], cancelled: 2, sessionsEnded: 3 };
    expect(v.parse(revokedMessage, travel(encodeRevoked(view)))).toEqual(view);
  });

  it('for a change that is told of', () => {
    const at = sampleGrantView.claimedAt;
    const change = { kind: 'grant.ended', at, requestId: 'req_0k7', grantId: 'gr_0k8' } as const;
    expect(v.parse(changeMessage, travel(encodeChange({ position: 7, ...change })))).toEqual(change);
  });

  it('for somebody with more groups and reviewers than a message holds, cut to what it holds', () => {
    const many = Array.from({ length: 1_001 }, (_, index) => `group-${index}`);
    const login = { method: 'browser', at: sampleGrantView.claimedAt } as const;
    const person = encodePerson({ subject: 'u1', name: 'dev', kind: 'person', groups: many, login });
    expect(v.parse(personMessage, travel(person)).groups).toEqual(many.slice(0, 1_000));
    const request = encodeRequest({ ...sampleRequestView, canApprove: many });
    expect(v.parse(requestMessage, travel(request)).canApprove).toHaveLength(1_000);
  });

  it('for an error', () => {
    const error = fail('duration_too_long', {
      scope: 'prod:db.read',
      maxSeconds: 14_400,
      askedSeconds: 86_400,
    });
    const { code, message, hint } = error;
    expect(decodeProblem(travel(encodeProblem(error)))).toMatchObject({ code, message, hint, exitCode: 2 });
  });
});

describe('I5: a claimed request', () => {
  it('shows none of its secrets once it has arrived', () => {
    expect(JSON.stringify(v.parse(claimedMessage, travel(encodeClaimed(sampleClaimed))))).not.toContain(
      'canary',
    );
  });
});

function reveal(claimed: Claimed): readonly string[] {
  const file = claimed.credential?.secretFiles[0];
  return [claimed.token, claimed.credential?.secretEnvironment.PGPASSWORD, file?.content, file?.instead.value]
    .filter((item) => item instanceof Secret)
    .map((item) => item.reveal());
}
