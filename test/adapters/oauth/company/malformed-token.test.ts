import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type AnsweringCompany,
  type Claims,
  KEYS,
  openAnsweringCompany,
} from '../../../support/company/answering-company.ts';

let company: AnsweringCompany;

beforeAll(async () => {
  company = await openAnsweringCompany();
});

beforeEach(() => company.answers.clear());

afterAll(() => company[Symbol.asyncDispose]());

const FAILS = expect.objectContaining({ code: 'provider_failed' });

describe('INP-04: an ID token that is not to be believed logs nobody in', () => {
  const past = Math.floor(Date.now() / 1000) - 3_600;
  it.each<[string, Claims]>([
    ['another issuer', { iss: 'https://evil.example' }],
    ['no issuer', { iss: undefined }],
    ['another audience', { aud: 'other' }],
    ['an audience that contains ours', { aud: 'jit2' }],
    ['no audience', { aud: undefined }],
    ['audiences without a party', { aud: ['jit', 'other'] }],
    ['another party', { azp: 'other' }],
    ['an end in the past', { exp: past }],
    ['an end 61 s ago', { exp: Math.floor(Date.now() / 1000) - 61 }],
    ['no end', { exp: undefined }],
    ['an end that is a text', { exp: '9999999999' }],
    ['no beginning', { iat: undefined }],
    ['a beginning in the future', { iat: past + 7_200 }],
    ['not yet', { nbf: past + 7_200 }],
    ['no nonce', { nonce: undefined }],
    ['another nonce', { nonce: 'x'.repeat(43) }],
    ['a nonce that is a list', { nonce: [KEYS.nonce] }],
    ['no subject', { sub: undefined }],
    ['an empty subject', { sub: '' }],
    ['a subject that is a number', { sub: 7 }],
    ['a subject of 256 characters', { sub: 'x'.repeat(256) }],
    ['a subject with a space', { sub: 'u 1' }],
    ['a login time that is a text', { auth_time: 'now' }],
    ['a login time before time', { auth_time: -1 }],
    ['a login older than a session may be', { auth_time: past - 43_200 }],
    ['a strength that is an object', { acr: {} }],
    ['strengths that are a text', { amr: 'mfa' }],
    ['strengths that are numbers', { amr: [1] }],
    ['no name', { preferred_username: '' }],
    ['a name that is a list', { preferred_username: ['ada'] }],
    ['a name that turns the text round', { preferred_username: 'ada\u202e' }],
    ['a name of 257 characters', { preferred_username: 'x'.repeat(257) }],
    ['groups that are a text', { groups: 'engineers' }],
    ['groups that are an object', { groups: { admins: true } }],
    ['groups that are numbers', { groups: [1] }],
    ['a group that is null', { groups: ['engineers', null] }],
    ['an empty group', { groups: [''] }],
    ['a group of 257 characters', { groups: ['x'.repeat(257)] }],
    ['1,001 groups', { groups: Array.from({ length: 1_001 }, (__, index) => `g${index}`) }],
    ['an "active" that is a text', { active: 'false' }],
  ])('an ID token with %s', async (_, change) => {
    company.answers.set('/me', { body: { sub: 'u-1', preferred_username: 'ada' } });
    await company.answerWithToken(change);
    await expect(company.finish()).rejects.toEqual(FAILS);
  });

  it.each<[string, (token: string) => string]>([
    ['no signature', (token) => `${token.split('.').slice(0, 2).join('.')}.`],
    ['a signature cut short', (token) => token.slice(0, -4)],
    ['alg none', (token) => reheaded(token, { alg: 'none' }, () => '')],
    ['HMAC under the client secret', (token) => reheaded(token, { alg: 'HS256' }, hmac)],
    [
      'a key in its header',
      (token) => reheaded(token, { alg: 'RS256', jwk: { kty: 'RSA', n: 'AQAB', e: 'AQAB' } }, () => 'AAAA'),
    ],
    ['a kid that is a path', (token) => reheaded(token, { alg: 'RS256', kid: '../../x' }, () => 'AAAA')],
    [
      'an extension that must be understood',
      (token) => reheaded(token, { alg: 'RS256', crit: ['b64'] }, () => 'AAAA'),
    ],
    ['trailing bytes', (token) => `${token}AAAA`],
  ])('an ID token with %s', async (_, change) => {
    const token = await company.server.sign(company.buildClaims());
    company.answers.set('/token', {
      body: { access_token: 'at', token_type: 'Bearer', id_token: change(token) },
    });
    await expect(company.finish()).rejects.toEqual(FAILS);
  });
});

function reheaded(token: string, header: object, signWith: (input: string) => string): string {
  const input = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${token.split('.')[1]}`;
  return `${input}.${signWith(input)}`;
}

function hmac(input: string): string {
  return createHmac('sha256', company.server.settings.clientSecret.reveal())
    .update(input)
    .digest('base64url');
}
