import { describe, expect, it } from 'vitest';
import { buildLoginPath, parseNext } from '../../../src/server/pages/next.ts';

describe('where a login leads', () => {
  it.each([
    '/',
    '/inbox',
    '/device?user_code=BCDFGHJK',
    '/requests/req_1?a=%2F%2Fevil.example',
    '/logs',
    '/login-help',
  ])('OAU-03: may be our own %s', (path) => {
    expect(parseNext(path)).toBe(path);
  });

  it.each([
    undefined,
    '',
    'inbox',
    'https://evil.example/',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/.//evil.example',
    '/%2e//evil.example',
    '/x/..//evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '/ok\r\nset-cookie: x',
    ' /inbox',
    'javascript:alert(1)',
    'data:text/html,x',
    '/\u2215evil.example',
    '/login?next=/inbox',
    '/login',
    '/login/callback?code=x',
    '/x/../logout',
    '/logout',
    `/${'x'.repeat(600)}`,
  ])('OAU-03: is nowhere else: %j', (text) => {
    expect(parseNext(text)).toBe('/');
  });

  it('is kept with what is asked for, and for whom', () => {
    const demand = { maxAgeSeconds: 900, strengths: ['mfa', 'hwk'] };
    expect(buildLoginPath({ next: '/inbox', demand })).toBe(
      '/login?next=%2Finbox&max_age=900&acr_values=mfa+hwk',
    );
    expect(buildLoginPath({ next: '//evil.example', asOther: true })).toBe('/login?next=%2F&as=other');
  });
});
