import {
  approve,
  ask,
  askApproved,
  buildSubmission,
  ENDED,
  hold,
  readGrantId,
  requireStanding,
  type Scene,
} from './scene.ts';

const HOUR_MS = 3_600_000;

const EMERGENCY = buildSubmission({
  scopes: ['prod:db.write'],
  breakGlass: true,
  reason: 'INC-4211 checkout is down for everybody, and nobody else is awake',
});

/** What a policy grants at once, until it is over. */
export const AT_ONCE: Readonly<Record<string, Scene>> = {
  'a request and its claim': {
    act: ({ dev }) => dev.submit(buildSubmission()),
    until: 'answer',
    passes: ['after request.submitted', 'after grant.provisioning', 'after grant.activated'],
  },
  'a claim that fails at the target': {
    arming: { probeFails: true },
    act: ({ dev }) => dev.submit(buildSubmission()),
    until: ENDED,
    passes: ['after grant.failed', 'after taking remove', 'after grant.ended'],
  },
  'a claim that is delivered again': {
    prepare: ({ dev }) => hold(dev),
    act: ({ dev }, standing) => dev.claim(requireStanding(standing).request.id),
    until: 'answer',
    passes: ['before grant.redelivered'],
  },
  'more time': {
    prepare: ({ dev }) => hold(dev),
    act: ({ dev }, standing) =>
      dev.submit(buildSubmission({ extendsGrantId: readGrantId(standing), durationSeconds: 3600 })),
    until: 'answer',
    passes: ['before grant.extended'],
  },
  'a grant that is given back': {
    prepare: ({ dev }) => hold(dev),
    act: ({ dev }, standing) => dev.revoke(readGrantId(standing), 'done'),
    until: ENDED,
    passes: ['before grant.revoking', 'after taking remove', 'before grant.ended'],
  },
  'a grant that reaches its end': {
    prepare: ({ dev }) => hold(dev),
    arming: { skewMs: HOUR_MS },
    act: async () => {},
    until: ENDED,
    passes: ['after taking expire', 'before grant.revoking', 'after grant.ended'],
  },
};

/** What people decide. */
const DECIDED: Readonly<Record<string, Scene>> = {
  'a request that a person decides': {
    act: ({ dev }) => ask(dev),
    until: 'answer',
    passes: ['before request.submitted', 'after request.submitted'],
  },
  'an approval, and the claim after it': {
    prepare: ({ dev }) => ask(dev),
    act: async ({ dev, lead }, standing) => {
      await approve(lead, requireStanding(standing));
      return await dev.claim(requireStanding(standing).request.id);
    },
    until: 'answer',
    passes: ['before request.approved', 'after request.approved', 'before grant.activated'],
  },
  'a request that is denied': {
    prepare: ({ dev }) => ask(dev),
    act: ({ lead }, standing) => lead.deny(requireStanding(standing).request.id, 'not now'),
    until: 'answer',
    passes: ['before request.denied', 'after request.denied'],
  },
  'a pending request that is taken back': {
    prepare: ({ dev }) => ask(dev),
    act: ({ dev }, standing) => dev.cancel(requireStanding(standing).request.id),
    until: 'answer',
    passes: ['before request.cancelled', 'after request.cancelled'],
  },
  'an approved request that is taken back': {
    prepare: askApproved,
    act: ({ dev }, standing) => dev.cancel(requireStanding(standing).request.id),
    until: 'answer',
    passes: ['before request.cancelled', 'after request.cancelled'],
  },
  'a request that nobody decides': {
    prepare: ({ dev }) => ask(dev),
    arming: { skewMs: HOUR_MS },
    act: async () => {},
    until: { recorded: 'request.lapsed' },
    passes: ['after taking lapse', 'before request.lapsed', 'after request.lapsed'],
  },
  'an approved request that nobody claims': {
    prepare: askApproved,
    arming: { skewMs: HOUR_MS },
    act: async () => {},
    until: { recorded: 'request.lapsed' },
    passes: ['after taking lapse', 'before request.lapsed', 'after request.lapsed'],
  },
};

/** What goes past the people who decide, and what is taken from many at once. */
const URGENT: Readonly<Record<string, Scene>> = {
  'break-glass': {
    act: ({ onCall }) => onCall.submit(EMERGENCY),
    until: 'answer',
    passes: ['after request.submitted', 'after grant.activated'],
  },
  'a look at break-glass afterwards': {
    prepare: ({ onCall }) => onCall.submit(EMERGENCY),
    act: ({ lead }, standing) =>
      lead.reviewAfterwards(requireStanding(standing).request.id, { outcome: 'accepted', reason: 'it was' }),
    until: 'answer',
    passes: ['before request.reviewed_afterwards', 'after request.reviewed_afterwards'],
  },
  'everything of one person': {
    prepare: async ({ dev }) => {
      await ask(dev);
      return await hold(dev);
    },
    act: ({ lead }) => lead.revokeMany({ user: 'dev', target: null }),
    until: ENDED,
    passes: [
      'before request.cancelled',
      'before grant.revoking',
      'before people.revoked',
      'before grant.ended',
    ],
  },
  'everything of everyone': {
    prepare: async ({ dev, onCall }) => {
      // One after the other: what is granted at this moment is not asked for once more.
      await ask(onCall);
      await onCall.submit(EMERGENCY);
      return await hold(dev);
    },
    act: ({ lead }) => lead.revokeMany({ user: null, target: null }),
    until: { recorded: 'grant.ended, time 2' },
    passes: ['before grant.revoking, time 2', 'before people.revoked', 'after grant.ended, time 2'],
  },
};

export const SCENES: Readonly<Record<string, Scene>> = { ...AT_ONCE, ...DECIDED, ...URGENT };
