import { beforeEach, describe, expect, it } from 'vitest';
import { describeError } from '../../src/adapters/log/describe-error.ts';
import { EMPTY_CREDENTIAL } from '../../src/core/credential.ts';
import { fail, JitError } from '../../src/core/errors.ts';
import type { ApprovalBackend } from '../../src/core/ports/backend.ts';
import { Secret } from '../../src/core/secret.ts';
import type { Claimed } from '../../src/core/view.ts';
import type { PluginBackend } from '../../src/plugin/api.ts';
import { buildClaimed, buildGrantView, buildRequestView } from '../support/fakes/fake-backend.ts';
import { createFakeClock, type FakeClock } from '../support/fakes/fake-clock.ts';
import { buildDossier } from '../support/fakes/fake-reviews.ts';
import { LABEL, MANNERS, openPackage, SOUND } from '../support/plugins/hostile-package.ts';

let clock: FakeClock;
beforeEach(() => {
  clock = createFakeClock(Date.parse('2026-11-22T14:00:00Z'));
});

async function open(changes: PluginBackend = {}): Promise<ApprovalBackend> {
  return (await openPackage(() => ({ ...SOUND, ...changes }), clock)).backend;
}

async function readThrown(asking: Promise<unknown>): Promise<unknown> {
  return asking.then(
    () => 'it was believed',
    (thrown: unknown) => thrown,
  );
}

/** As `code: message`. */
async function readRefusal(asking: Promise<unknown>): Promise<string> {
  const error = await readThrown(asking);
  if (!(error instanceof JitError)) throw new Error(String(error));
  return `${error.code}: ${error.message}`;
}

async function askHostile(manner: string): Promise<unknown> {
  const { [manner]: readRequest } = MANNERS;
  if (!readRequest) throw new Error(`there is no manner "${manner}"`);
  return (await open({ readRequest })).readRequest('req_1');
}

const failed = `failed: ${LABEL}:`;
const unusable = `bad_answer: ${LABEL} answered something that jit cannot use:`;
const noRequest = `${unusable} to read_request:`;

describe('INP-05: a package that does not behave is named, and not believed', () => {
  it.each([
    ['crash', `${failed} it hurts  [31mhere`],
    ['crash at once', `${failed} it is no function`],
    ['throw a text', `${failed} no`],
    ['throw nothing', `${failed} undefined`],
    ['throw what is no text', `${failed} what it threw cannot be read`],
    ['throw what cannot be read', `${failed} what it threw cannot be read`],
    ['throw a secret of its settings', `${failed} GET https://rota/?key=[redacted]`],
    ['refuse with a secret of its settings', 'failed: key=[redacted]'],
    ['refuse with a code that is none', 'failed: no'],
    ['refuse with a code that nobody has', `${failed} no`],
    ['refuse at length', `${failed} ${'x'.repeat(200)}`],
    ['answer about another request', `${noRequest} is about another request`],
    ['answer with an id that is none', `${noRequest} "request.id" is wrong`],
    ['answer with huge numbers', `${noRequest} "request.duration_seconds" is wrong`],
    ['answer with a number that is none', `${noRequest} "request.duration_seconds" is wrong`],
    ['answer with a state that there is not', `${noRequest} "request.state" is wrong`],
    ['answer with a time that is none', `${noRequest} it is no such document: Invalid time value`],
    ['answer with a time that is nothing', `${noRequest} it is no such document: that is no instant`],
    ['answer with a text for a list', `${noRequest} "request.scopes" is wrong`],
    ['answer with no list', `${noRequest} "request.told" is wrong`],
    ['answer with a NUL', `${noRequest} "request.reason" is wrong`],
    ['answer with a long text', `${noRequest} "request.reason" is wrong`],
    ['answer with many texts', `${noRequest} "request.told" is wrong`],
    ['answer with depth', `${noRequest} "request.reason" is wrong`],
    ['answer with what cannot be read', `${noRequest} it is no such document: it hurts  [31mhere`],
  ])('%s', async (manner, refusal) => {
    expect(await readRefusal(askHostile(manner))).toBe(refusal);
  });

  it.each(['nothing', 'null', 'HTML', 'a list', '__proto__'])('answer with %s', async (what) => {
    const refusal = await readRefusal(askHostile(`answer with ${what}`));
    expect(refusal.startsWith(`${noRequest} it is no such document`), refusal).toBe(true);
  });

  it.each(['throw a secret of its settings', 'refuse with a secret of its settings'])(
    'I5: %s, and no line of a log has it',
    async (manner) => {
      expect(JSON.stringify(describeError(await readThrown(askHostile(manner))))).not.toContain('hunter2');
    },
  );

  it.each<[string, (backend: ApprovalBackend) => Promise<unknown>]>([
    ['follow', (backend) => backend.follow('req_1', { state: 'pending', given: 0, told: 0 })],
    ['claim', (backend) => backend.claim('req_1')],
    ['cancel', (backend) => backend.cancel('req_1')],
    ['readDossier', (backend) => backend.readDossier('req_1')],
    ['approve', (backend) => backend.approve('req_1', APPROVAL)],
    ['deny', (backend) => backend.deny('req_1', 'no')],
    ['reviewAfterwards', (backend) => backend.reviewAfterwards('req_1', { outcome: 'accepted', reason: '' })],
    ['readGrant', (backend) => backend.readGrant('gr_1')],
    ['revoke', (backend) => backend.revoke('gr_1', 'done')],
  ])('%s: an answer about another request or grant is none', async (method, ask) => {
    const another =
      {
        claim: async () => buildClaimed({ request: buildRequestView({ id: 'req_2' }) }),
        readDossier: async () => buildDossier({ request: buildRequestView({ id: 'req_2' }) }),
        readGrant: async () => buildGrantView({ id: 'gr_2' }),
        revoke: async () => buildGrantView({ id: 'gr_2' }),
      }[method] ?? (async () => buildRequestView({ id: 'req_2' }));
    expect(await readRefusal(ask(await open({ [method]: another })))).toMatch(
      /^bad_answer: .* is about another (request|grant)$/,
    );
  });

  it('an answer to asking is about one request', async () => {
    const submit = async () => ({ request: buildRequestView({ id: 'req_2' }), claimed: buildClaimed() });
    const refusal = await readRefusal((await open({ submit })).submit(SUBMISSION));
    expect(refusal).toBe(`${unusable} to submit: is about two requests`);
  });

  it.each<[string, Partial<Claimed>]>([
    ['credential.environment.BASH_ENV', credential({ environment: { BASH_ENV: '/tmp/x.sh' } })],
    ['credential.environment.LD_PRELOAD', credential({ environment: { LD_PRELOAD: '/tmp/x.so' } })],
    ['credential.secret_environment.PATH', credential({ secretEnvironment: { PATH: new Secret('/tmp') } })],
    ['credential.removes.0', credential({ removes: ['PATH'] })],
    ['token', { token: new Secret('x'.repeat(40_000)) }],
  ])('what it delivers sets nothing that chooses what code runs: %s', async (place, parts) => {
    const backend = await open({
      claim: async () => buildClaimed(parts),
      submit: async () => ({ request: buildRequestView(), claimed: buildClaimed(parts) }),
    });
    expect(await readRefusal(backend.claim('req_1'))).toBe(`${unusable} to claim: "${place}" is wrong`);
    expect(await readRefusal(backend.submit(SUBMISSION))).toBe(
      `${unusable} to submit: "claimed.${place}" is wrong`,
    );
  });

  it('S9: a token that is no secret is none', async () => {
    const claim = async () => buildClaimed({ token: 'token-1' as never });
    const refusal = await readRefusal((await open({ claim })).claim('req_1'));
    expect(refusal).toMatch(/^bad_answer: .* to claim: it is no such document: /);
    expect(refusal).not.toContain('token-1');
  });
});

describe('what a package refuses', () => {
  it('is said in its own words, with its own code, hint and demand', async () => {
    const demand = { maxAgeSeconds: 60, strengths: ['hardware'] };
    const refusals = [
      fail('denied', { id: 'req_1', why: 'not during the freeze' }),
      new JitError({ code: 'step_up_needed', message: 'log in again', hint: 'with your key', demand }),
    ];
    for (const refusal of refusals) {
      const claim = (): Promise<never> => Promise.reject(refusal);
      const { code, message, hint } = refusal;
      const told = { code, message, hint, demand: refusal.demand };
      await expect((await open({ claim })).claim('req_1')).rejects.toMatchObject(told);
    }
  });

  it('because it has no such method is not offered', async () => {
    expect(await readRefusal((await open()).listScopes())).toBe(
      `not_offered: ${LABEL} does not offer this: list_scopes`,
    );
    const claim = 'claim' as never;
    expect(await readRefusal((await open({ claim })).claim('req_1'))).toMatch(/^not_offered/);
  });
});

const APPROVAL = { scopes: null, durationSeconds: null, reason: null, digest: 'digest-1' };
const SUBMISSION = {
  scopes: ['prod:db.read'],
  target: 'orders',
  durationSeconds: 60,
  reason: '',
  ticket: null,
  extendsGrantId: null,
  breakGlass: false,
  idempotencyKey: 'k',
};

function credential(changes: object): Partial<Claimed> {
  return { credential: { ...EMPTY_CREDENTIAL, ...changes } };
}
