import { describe, expect, it } from 'vitest';
import { hasCode } from '../../../src/core/errors.ts';
import { openRules } from './questions.ts';

const HEAD = '(principal, action == Action::"activate", resource)';
const REQUEST = '(principal, action == Action::"request", resource)';
const ANY = `permit ${HEAD}`;

async function complaintOf(text: string): Promise<string> {
  const error = await openRules(text).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!hasCode(error, 'config_invalid')) throw new Error(`expected config_invalid for ${text}, got ${error}`);
  return error.message;
}

describe('what annotations say of escalation and logins', () => {
  it.each([
    [
      'an escalation on an activation',
      `@id("a")\n@escalates_to("leads") ${ANY};`,
      /:2: @escalates_to belongs on rules for request and/,
    ],
    [
      'an escalation to nobody',
      `@id("a") @escalates_to("") permit ${REQUEST};`,
      /@escalates_to\(""\): write/,
    ],
    [
      'an escalation with a gap',
      `@id("a") @escalates_to("leads,") permit ${REQUEST};`,
      /@escalates_to\("leads,"\): write/,
    ],
    [
      'a login without a unit',
      `@id("a")\n@login_within("15") ${ANY};`,
      /:2: @login_within\("15"\): write how long/,
    ],
    ['a login within no time', `@id("a") @login_within("0m") ${ANY};`, /@login_within\("0m"\)/],
    [
      'a login until some clock',
      `@id("a") @login_within("until 17:30") ${ANY};`,
      /@login_within\("until 17:30"\)/,
    ],
    ['a login within nothing', `@id("a") @login_within ${ANY};`, /@login_within\(""\)/],
    [
      'a login within a time for revoking',
      '@id("a") @login_within("1h") permit (principal, action == Action::"revoke", resource);',
      /@login_within belongs on rules for activate, request, extend, break_glass, approve and/,
    ],
    [
      'a strength on a forbid',
      `@id("a") @login_strength("mfa") forbid ${HEAD};`,
      /@login_strength means nothing/,
    ],
    ['no strength', `@id("a") @login_strength("") ${ANY};`, /@login_strength\(""\): write one or more/],
    [
      'strengths parted by a space',
      `@id("a") @login_strength("mfa hwk") ${ANY};`,
      /@login_strength\("mfa hwk"\)/,
    ],
    [
      'a strength that would end the quoted string of a header',
      `@id("a") @login_strength("m\\"fa") ${ANY};`,
      /@login_strength\("m"fa"\)/,
    ],
    [
      'an annotation called like what every object has',
      `@id("a") @constructor("x") ${ANY};`,
      /there is no annotation @constructor/,
    ],
  ])('is refused where it is %s', async (_, text, complaint) => {
    expect(await complaintOf(text)).toMatch(complaint);
  });

  it.each([
    '@login_within("PT15M")',
    '@login_within("1d")',
    '@login_strength("urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport")',
    '@login_strength("mfa,hwk , phr")',
  ])('may be %s, on any rule by which something is asked for or approved', async (annotation) => {
    for (const action of ['activate', 'request', 'extend', 'break_glass', 'approve']) {
      const rule = `@id("a") ${annotation} permit (principal, action == Action::"${action}", resource);`;
      await expect(openRules(rule)).resolves.toBeDefined();
    }
  });
});
