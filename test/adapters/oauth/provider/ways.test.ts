import { describe, expect, it } from 'vitest';
import { DEVICE_GRANT, listWays } from '../../../../src/adapters/oauth/provider/ways.ts';

const ISSUER = 'https://login.example.com';
const DEVICE = { device_authorization_endpoint: `${ISSUER}/device` };
const BROWSER = { authorization_endpoint: `${ISSUER}/auth` };

describe('the ways to ask a provider', () => {
  it.each<[string, object, readonly string[]]>([
    ['both endpoints', { ...DEVICE, ...BROWSER }, ['device', 'browser']],
    ['a device endpoint alone', DEVICE, ['device']],
    ['an authorization endpoint alone', BROWSER, ['browser']],
    ['neither', {}, []],
    [
      'grants without device codes',
      { ...DEVICE, ...BROWSER, grant_types_supported: ['authorization_code'] },
      ['browser'],
    ],
    [
      'grants with device codes alone',
      { ...DEVICE, ...BROWSER, grant_types_supported: [DEVICE_GRANT] },
      ['device'],
    ],
    ['grants that are no list', { ...DEVICE, ...BROWSER, grant_types_supported: DEVICE_GRANT }, []],
    ['no code in its responses', { ...BROWSER, response_types_supported: ['id_token'] }, []],
    ['PKCE that is plain only (OAU-01)', { ...BROWSER, code_challenge_methods_supported: ['plain'] }, []],
    ['PKCE with S256', { ...BROWSER, code_challenge_methods_supported: ['plain', 'S256'] }, ['browser']],
  ])('are what its metadata says: %s', (_, metadata, ways) => {
    expect(listWays({ issuer: ISSUER, ...metadata })).toEqual(ways);
  });
});
