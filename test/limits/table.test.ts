import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as limits from '../../src/core/limits.ts';
import { type Ground, openGround, type Probe } from './ground.ts';
import { bodyProbes } from './probes/bodies.ts';
import { companyProbes } from './probes/company.ts';
import { connectionProbes } from './probes/connections.ts';
import { liveProbes } from './probes/live.ts';
import { messageProbes } from './probes/messages.ts';
import { orderProbes } from './probes/orders.ts';
import { outgoingProbes } from './probes/outgoing.ts';
import { peopleProbes } from './probes/people.ts';
import { rateProbes } from './probes/rates.ts';
import { slackProbes } from './probes/slack.ts';
import { tokenProbes } from './probes/tokens.ts';
import { workloadProbes } from './probes/workloads.ts';

/** One for each limit: a limit without one does not compile. */
const PROBES: Readonly<Record<keyof typeof limits, Probe>> = {
  ...bodyProbes,
  ...connectionProbes,
  ...orderProbes,
  ...messageProbes,
  ...tokenProbes,
  ...workloadProbes,
  ...rateProbes,
  ...peopleProbes,
  ...liveProbes,
  ...outgoingProbes,
  ...slackProbes,
  ...companyProbes,
};

const LIMITS: Readonly<Record<keyof typeof limits, number>> = { ...limits };
const NAMES = Object.keys(LIMITS) as (keyof typeof limits)[];

let ground: Ground;

beforeAll(async () => {
  ground = await openGround();
});

afterAll(async () => {
  expect(ground.server.errors).toEqual([]);
  await ground[Symbol.asyncDispose]();
});

describe('a limit', () => {
  it('has a probe, and a probe has a limit', () => {
    expect(Object.keys(PROBES).sort()).toEqual([...NAMES].sort());
  });

  it.each(NAMES)('INP-01: %s holds: so much is let through, and not one more', async (name) => {
    const limit = LIMITS[name];
    expect([await PROBES[name](limit, ground), await PROBES[name](limit + 1, ground)]).toEqual([true, false]);
  });

  it('has a unit in its name, or counts what its name says', () => {
    const unit = /_(BYTES|CHARACTERS|MS|SECONDS|LEVELS|PER_[A-Z]+|IN_ALL)$/;
    expect(NAMES.filter((name) => !unit.test(name) && !name.startsWith('MOST_'))).toEqual([]);
  });
});
