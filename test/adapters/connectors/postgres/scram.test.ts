import { describe, expect, it } from 'vitest';
import { buildVerifier, createPassword } from '../../../../src/adapters/connectors/postgres/scram.ts';
import { Secret } from '../../../../src/core/secret.ts';

describe('the SCRAM verifier', () => {
  it('S8: is what the user "pencil" of RFC 7677 §3 has', async () => {
    const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
    expect(await buildVerifier(new Secret('pencil'), salt)).toBe(
      'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$' +
        'WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
    );
  });

  it('has a new salt every time', async () => {
    const password = createPassword();
    expect(await buildVerifier(password)).not.toBe(await buildVerifier(password));
  });

  it('is made of passwords with 256 random bits', () => {
    const passwords = Array.from({ length: 100 }, () => createPassword().reveal());
    expect(new Set(passwords).size).toBe(100);
    for (const password of passwords) expect(Buffer.from(password, 'base64url')).toHaveLength(32);
  });
});
