import { describe, expect, it } from 'vitest';
import { createAddressReader } from '../../../src/server/http/address.ts';

function read(proxies: readonly string[], remoteAddress: string, forwarded?: string): string {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  return createAddressReader(proxies)({ headers, socket: { remoteAddress } });
}

describe('the address of a request', () => {
  it("is the socket's where no proxy is trusted, whatever the header says", () => {
    expect(read([], '127.0.0.1', '203.0.113.9')).toBe('127.0.0.1');
    expect(read(['10.0.0.1'], '10.0.0.2', '203.0.113.9')).toBe('10.0.0.2');
    expect(read([], '::ffff:192.0.2.7')).toBe('192.0.2.7');
  });

  it.each([
    ['an address', '10.1.2.3', '10.1.2.3'],
    ['a block', '127.0.0.0/8', '127.0.0.1'],
    ['a block that does not end at a dot', '10.4.0.0/14', '10.7.255.255'],
    ['everything', '0.0.0.0/0', '198.51.100.1'],
    ['a block, on an IPv6 socket', '10.0.0.0/8', '::ffff:10.1.2.3'],
    ['a block that is written mapped', '::ffff:a00:0/104', '10.1.2.3'],
    ['an IPv6 address in another spelling', '2001:db8:0:0::1', '2001:DB8::1'],
    ['an IPv6 block', 'fd00::/8', 'fd12:3456::1'],
    ['a link-local block, with the interface', 'fe80::/10', 'fe80::1%eth0'],
  ])('is the one that a trusted proxy names: %s', (_, trusted, proxy) => {
    const client = trusted === '0.0.0.0/0' ? '3fff::9' : '203.0.113.9';
    expect(read([trusted], proxy, client)).toBe(client);
  });

  it('is not taken from a neighbour of a trusted block', () => {
    expect(read(['10.4.0.0/14'], '10.8.0.0', '203.0.113.9')).toBe('10.8.0.0');
    expect(read(['fd00::/8'], 'fe00::1', '203.0.113.9')).toBe('fe00::1');
    expect(read(['::1'], '::2', '203.0.113.9')).toBe('::2');
  });

  it('is the rightmost that is no trusted proxy: what stands further left was written by the client', () => {
    const forwarded = '198.51.100.1, 203.0.113.9 , 10.0.0.7,::ffff:10.0.0.8';
    expect(read(['10.0.0.0/8'], '10.0.0.1', forwarded)).toBe('203.0.113.9');
    expect(read(['10.0.0.0/8'], '10.0.0.1', '203.0.113.9, ::ffff:198.51.100.1')).toBe('198.51.100.1');
  });

  it('is read also where a proxy writes the port beside it', () => {
    expect(read(['10.0.0.0/8'], '10.0.0.1', '203.0.113.9:4711')).toBe('203.0.113.9');
    expect(read(['10.0.0.0/8'], '10.0.0.1', '[2001:db8::1]:99, 10.0.0.7:80')).toBe('2001:db8::1');
  });

  it.each([undefined, '', ' , ', '10.0.0.9', 'unknown', '203.0.113.9, evil\n', '203.0.113.9:x'])(
    "is the proxy's where the header says nothing that holds: %j",
    (forwarded) => {
      expect(read(['10.0.0.0/8'], '10.0.0.1', forwarded)).toBe('10.0.0.1');
    },
  );
});
