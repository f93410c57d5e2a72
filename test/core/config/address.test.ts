import { describe, expect, it } from 'vitest';
import {
  isAddressBlock,
  isLoopbackHost,
  parseListenAddress,
  parseOrigin,
} from '../../../src/core/config/address.ts';

describe('an address to listen on', () => {
  it.each([
    ['127.0.0.1:7420', '127.0.0.1', 7420],
    ['[::1]:7420', '::1', 7420],
    ['localhost:80', 'localhost', 80],
    ['0.0.0.0:65535', '0.0.0.0', 65_535],
  ])('is %s', (text, host, port) => {
    expect(parseListenAddress(text)).toEqual({ host, port });
  });

  it.each([
    '7420',
    ':7420',
    '127.0.0.1',
    '127.0.0.1:',
    '127.0.0.1:0',
    '127.0.0.1:65536',
    '::1:7420',
    'a b:1',
    'http://a:1',
  ])('is not %s', (text) => {
    expect(parseListenAddress(text)).toBeUndefined();
  });
});

describe('loopback', () => {
  it.each(['127.0.0.1', '127.8.9.1', '::1', '[::1]', 'localhost', 'LOCALHOST'])('is %s', (host) => {
    expect(isLoopbackHost(host)).toBe(true);
  });

  it.each(['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example.com', 'localhost.example.com', '1127.0.0.1', ''])(
    'is not %j',
    (host) => {
      expect(isLoopbackHost(host)).toBe(false);
    },
  );
});

describe('an origin', () => {
  it.each([
    'https://jit.example.com',
    'https://jit.example.com/',
    'http://127.0.0.1:7420',
    'https://[::1]:8443',
  ])('is %s', (text) => {
    expect(parseOrigin(text)?.origin).toBe(text.replace(/\/$/, ''));
  });

  it.each([
    'jit.example.com',
    'https://jit.example.com/jit',
    'https://jit.example.com/?a',
    'https://jit.example.com#a',
    'https://dev:pw@jit.example.com',
    'https://jit.example.com:443',
    'ftp://jit.example.com',
    'javascript:alert(1)',
    '',
  ])('is not %j', (text) => {
    expect(parseOrigin(text)).toBeUndefined();
  });
});

describe('other places', () => {
  it('a proxy is an address or a block', () => {
    expect(['10.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8'].filter((text) => !isAddressBlock(text))).toEqual([]);
    expect(
      ['10.0.0', '10.0.0.256', '10.0.0.0/33', 'fd00::/129', 'proxy', ':::1', ''].filter(isAddressBlock),
    ).toEqual([]);
  });
});
