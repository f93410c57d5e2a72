import { describe, expect, it } from 'vitest';
import { buildNativeHash, createPassword } from '../../../../src/adapters/connectors/mysql/password.ts';
import {
  buildCachingSha2Hash,
  digestSha256Crypt,
} from '../../../../src/adapters/connectors/mysql/sha-crypt.ts';
import { Secret } from '../../../../src/core/secret.ts';

describe('what a server keeps instead of a password', () => {
  it('S8: for mysql_native_password is what PASSWORD() makes of it', () => {
    expect(buildNativeHash(new Secret('password'))).toBe('*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19');
  });

  it.each([
    // By crypt(3) of the C library, and the same by `openssl passwd -5`.
    ['Hello world!', 'saltstring', '5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5'],
    ['a', 'b', '68iBXkZAVUdxRl3apYqaXSCYvIS95VAoCIRQJbGcjbA'],
    ['x'.repeat(70), '0123456789abcdef', 'PtktarChupU2HspS5L2tzUZeyI7SEI/LGbCZCyq.ic5'],
  ])('SHA-256 crypt of %j with %s', (password, salt, digest) => {
    expect(digestSha256Crypt(password, salt)).toBe(digest);
  });

  it('S8: for caching_sha2_password has the rounds, a salt of twenty characters and the digest', () => {
    const password = createPassword();
    const hash = buildCachingSha2Hash(password);
    expect(hash).toMatch(/^\$A\$005\$[./0-9A-Za-z]{63}$/);
    expect(buildCachingSha2Hash(password)).not.toBe(hash);
    const salt = hash.slice(7, 27);
    expect(hash).toBe(`$A$005$${salt}${digestSha256Crypt(password.reveal(), salt)}`);
  });
});
