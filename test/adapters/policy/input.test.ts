import { describe, expect, it } from 'vitest';
import { normaliseAddress } from '../../../src/adapters/policy/address.ts';
import { buildInput } from '../../../src/adapters/policy/input.ts';
import { hasCode } from '../../../src/core/errors.ts';
import { ask, openRules, WEDNESDAY } from './questions.ts';

describe('the input of a decision', () => {
  it('is complete, also where there is no ticket and no reason', () => {
    const input = buildInput(ask({ groups: ['b', 'a'], circumstances: { reason: '', ticket: null } }));
    expect(input).toEqual({
      principal: { subject: 'sub-1', kind: 'person', groups: ['a', 'b'] },
      scope: { name: 'prod:db.read', environment: 'prod', sensitivity: 'medium' },
      context: {
        now: '2026-11-18T10:00:00.000Z',
        local: { weekday: 3, minutes: 660, date: '2026-11-18' },
        duration_seconds: 1800,
        ip: '127.0.0.1',
        reason_length: 0,
        ticket: { known: false, id: '' },
        login: { method: 'device', age_seconds: 60, strengths: [] },
        target: 'orders',
        sensitivity: 'medium',
      },
    });
  });

  it('counts the characters of a reason as people do, without the space around it', () => {
    expect(buildInput(ask({ circumstances: { reason: '  😀é \n' } })).context.reason_length).toBe(2);
    expect(buildInput(ask({ circumstances: { reason: '\u3164'.repeat(10) } })).context.reason_length).toBe(0);
  });

  it('does not take an empty ticket for a ticket', () => {
    expect(buildInput(ask({ circumstances: { ticket: ' ' } })).context.ticket).toEqual({
      known: false,
      id: '',
    });
    expect(buildInput(ask({ circumstances: { ticket: 'INC-1' } })).context.ticket).toEqual({
      known: true,
      id: 'INC-1',
    });
  });

  it('has the strengths of the login, in one order, and rules can ask for them', async () => {
    const login = { method: 'browser', at: WEDNESDAY, strengths: ['mfa', 'hwk'] } as const;
    const question = ask({ circumstances: { login } });
    expect(buildInput(question).context.login.strengths).toEqual(['hwk', 'mfa']);
    const engine = await openRules(
      `@id("strong") permit (principal, action == Action::"activate", resource) when { context.login.strengths.contains("mfa") };`,
    );
    expect(engine.decide(question).outcome).toBe('automatic');
    expect(engine.decide(ask()).outcome).toBe('denied');
  });

  it('does not make a login younger than new when the clock jumps back', () => {
    const login = { method: 'device', at: WEDNESDAY + 7_200_000, strengths: [] } as const;
    expect(buildInput(ask({ circumstances: { login } })).context.login.age_seconds).toBe(0);
  });
});

describe('an address', () => {
  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::FFFF:10.0.0.1', '10.0.0.1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['2001:db8::1', '2001:db8::1'],
  ])('%s is compared as %s', (given, compared) => {
    expect(normaliseAddress(given)).toBe(compared);
  });

  it.each(['', '10.0.0.0/8', '10.0.0.1, 10.0.0.2', 'localhost', '010.0.0.1', '::ffff:10.0.0.1/96'])(
    '%j is none',
    (given) => {
      expect(() => normaliseAddress(given)).toThrow(expect.toSatisfy((error) => hasCode(error, 'failed')));
    },
  );

  it('is matched by a range of IPv4 addresses when it came in on an IPv6 socket', async () => {
    const engine = await openRules(`
      @id("inside") permit (principal, action == Action::"activate", resource) when { context.ip.isInRange(ip("10.0.0.0/8")) };`);
    expect(engine.decide(ask({ circumstances: { ip: '::ffff:10.9.8.7' } })).outcome).toBe('automatic');
    expect(engine.decide(ask({ circumstances: { ip: '::ffff:11.9.8.7' } })).outcome).toBe('denied');
  });
});

describe('what rules can look at', () => {
  it.each([
    ['context.now >= datetime("2026-11-18T10:00:00Z") && context.now < datetime("2026-11-18T10:00:01Z")'],
    ['context.login.method == "device" && context.login.age_seconds == 60'],
    ['!context.login.strengths.contains("mfa") && context.login.strengths.isEmpty()'],
    ['context.target == "orders" && context.sensitivity == "medium" && resource.sensitivity == "medium"'],
    ['resource.name == "prod:db.read" && resource in Environment::"prod" && principal == Person::"sub-1"'],
    ['context.reason_length == 22 && !context.ticket.known && context.ticket.id == ""'],
    ['principal.kind == "person" && principal in Group::"engineers"'],
    ['context.local.date == "2026-11-18" && context.local.weekday == 3 && context.local.minutes == 660'],
  ])('%s', async (condition) => {
    const engine = await openRules(
      `@id("a") permit (principal, action == Action::"activate", resource) when { ${condition} };`,
    );
    expect(engine.decide(ask()).outcome).toBe('automatic');
  });
});
