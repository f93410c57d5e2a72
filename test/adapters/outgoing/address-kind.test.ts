import { describe, expect, it } from 'vitest';
import {
  type AddressKind,
  createBlockMatcher,
  findAddressKind,
} from '../../../src/adapters/outgoing/address-kind.ts';

const ADDRESSES: Readonly<Record<AddressKind, readonly string[]>> = {
  public: [
    '1.1.1.1',
    '::ffff:1.1.1.1',
    '93.184.215.14',
    '172.15.255.255',
    '172.32.0.0',
    '100.128.0.1',
    '2606:4700::1111',
    '64:ff9b::101:101',
  ],
  private: [
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '198.18.0.1',
    'fd12::1',
    '2001:db8::1',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
    '2002:a00:1::',
  ],
  loopback: ['127.0.0.1', '127.255.255.255', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1', '64:ff9b::7f00:1'],
  never: [
    '0.0.0.0',
    '0.1.2.3',
    '169.254.169.254',
    '169.254.0.1',
    '224.0.0.1',
    '239.1.1.1',
    '255.255.255.255',
    '240.0.0.1',
    '100.100.100.200',
    '168.63.129.16',
    'fd00:ec2::254',
    '::',
    'fe80::1',
    'fe80::1%eth0',
    'febf::1',
    'fec0::1',
    'ff02::1',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe:a9fe::1',
    '::127.0.0.1',
    '::7f00:1',
    '2001:0:1::1',
    '4000::1',
    'no address',
    '',
  ],
};

describe('INP-02: what an address is to an outgoing call', () => {
  for (const [kind, addresses] of Object.entries(ADDRESSES)) {
    it.each(addresses)(`%s is ${kind}`, (address) => {
      expect(findAddressKind(address)).toBe(kind);
    });
  }

  it('a block of IPv4 addresses holds them in every spelling, and no others', () => {
    const isIn = createBlockMatcher(['10.1.0.0/16', 'fd00::/8']);
    expect(['10.1.255.255', '::ffff:10.1.0.1', 'fd00::1'].map(isIn)).toEqual([true, true, true]);
    expect(['10.2.0.0', '::ffff:10.2.0.1', 'fc00::1', 'fd00::1%eth0'].map(isIn)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});
