import { describe, expect, it } from 'vitest';
import {
  checkStore,
  describeStore,
  hasStorePassword,
  parseStoreLocation,
} from '../../../src/core/config/store.ts';
import { Secret } from '../../../src/core/secret.ts';

describe('where the store is', () => {
  it('is a SQLite file', () => {
    expect(parseStoreLocation('sqlite:./jit.db')).toEqual({ kind: 'sqlite', path: './jit.db' });
  });

  it.each([
    'postgres://jit@db.internal/jit',
    'postgresql://jit:pw@[::1]:5433/jit',
    'postgres://jit@/jit?host=/run',
  ])('is a database of PostgreSQL: %s', (text) => {
    const store = parseStoreLocation(text);
    expect(store?.kind === 'postgres' && store.url.reveal()).toBe(text);
  });

  it.each([
    './jit.db',
    'sqlite:',
    'sqlite://jit.db',
    'mysql://x@y/z',
    'sqlite:a\0b',
    'postgres://',
    'postgres://db/jit',
    'postgres://jit@db',
    'postgres://jit@db/',
    'postgres://jit@db/a/b',
  ])('is not %j', (text) => {
    expect(parseStoreLocation(text)).toBeUndefined();
  });

  it('I5: is shown without its password, and known to hold one', () => {
    const [open, closed] = ['postgres://jit:canary@db:5433/jit', 'postgres://jit@db/jit'].map(
      parseStoreLocation,
    );
    expect(open && describeStore(open)).toBe('postgres://db:5433/jit');
    expect(open && hasStorePassword(open)).toBe(true);
    expect(JSON.stringify(open)).not.toContain('canary');
    expect(closed && hasStorePassword(closed)).toBe(false);
    expect(hasStorePassword({ kind: 'sqlite', path: 'jit.db' })).toBe(false);
  });
});

describe('a store on PostgreSQL', () => {
  it.each([
    'jit:50%canary@db/jit',
    'jit:canary@db/jit?ssl_mode=disable',
    'jit:canary@db/jit#canary',
    'jit:canary@db/jit?port=x',
  ])('INP-03, I5: may not be %s, which is not repeated', (rest) => {
    const complaints = check(`postgres://${rest}`, secret);
    expect(complaints).toEqual([expect.stringMatching(/^store has /)]);
    expect(JSON.stringify(complaints)).not.toContain('canary');
  });

  const check = (text: string, secret?: Secret) => {
    const store = parseStoreLocation(text);
    return store && checkStore({ store, secret }).map(({ path, why }) => `${path.join('.')} ${why}`);
  };
  const secret = new Secret('the same for all');

  it('needs a secret of the configuration', () => {
    expect(check('postgres://jit@db/jit')).toEqual([expect.stringContaining('secret is needed')]);
    expect(check('sqlite:./jit.db')).toEqual([]);
  });

  it.each([
    '@db/jit',
    '@db/jit?sslmode=verify-full',
    '@db/jit?sslmode=require',
    '@localhost/jit?sslmode=disable',
  ])('may be %s', (rest) => {
    expect(check(`postgres://jit${rest}`, secret)).toEqual([]);
  });

  it.each(['@db/jit?sslmode=disable', '@db/jit?sslmode=prefer', '@/jit?host=db&sslmode=disable'])(
    'may not be %s',
    (rest) => {
      expect(check(`postgres://jit${rest}`, secret)).toEqual([expect.stringMatching(/^store .*sslmode/)]);
    },
  );
});
