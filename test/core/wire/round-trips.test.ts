import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { fail } from '../../../src/core/errors.ts';
import { Secret } from '../../../src/core/secret.ts';
import type { Claimed, ScopeView } from '../../../src/core/view.ts';
import { claimedMessage, encodeClaimed } from '../../../src/core/wire/claim.ts';
import { encodeGrant, grantMessage } from '../../../src/core/wire/grant.ts';
import { encodeScope, scopesMessage } from '../../../src/core/wire/messages.ts';
import { decodeProblem, encodeProblem } from '../../../src/core/wire/problem.ts';
import { encodeRequest, requestMessage } from '../../../src/core/wire/request.ts';
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
      targets: [{ name: 'orders', kind: 'postgres', outcome: 'needs_people' }],
      minimumReasonLength: 10,
      needsTicket: true,
    };
    expect(v.parse(scopesMessage, travel({ scopes: [encodeScope(view)] })).scopes).toEqual([view]);
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
