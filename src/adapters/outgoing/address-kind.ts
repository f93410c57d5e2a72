import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** `never`: what no configured host may have. `private` and `loopback` need a word in the configuration. */
export type AddressKind = 'public' | 'private' | 'loopback' | 'never';

/** Link-local with the clouds' metadata services, multicast, broadcast, unspecified; and metadata that lies elsewhere. */
const NEVER = listBlocks([
  '0.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '100.100.100.200/32',
  '168.63.129.16/32',
  '192.0.0.192/32',
  'fd00:ec2::254/128',
  'fd20:ce::254/128',
]);

const LOOPBACK = listBlocks(['127.0.0.0/8', '::1/128']);

/** Private, shared, and set aside for documents and benchmarks. */
const PRIVATE = listBlocks([
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '64:ff9b:1::/48',
  '2001:db8::/32',
  'fc00::/7',
]);

/** All of IPv6 that is routed on the internet; Teredo and the documents' prefix lie in it too. */
const GLOBAL_V6 = listBlocks(['2000::/3']);
const TEREDO = listBlocks(['2001::/32']);

/** The kind of an address that a name was resolved to. An IPv4 address that is written inside an IPv6 one counts as itself. */
export function findAddressKind(address: string): AddressKind {
  const inner = isIPv6(address) ? findInnerV4(address) : undefined;
  const meant = inner ?? address;
  if (!isIPv4(meant) && !isIPv6(meant)) return 'never';
  if (matches(NEVER, meant) || matches(TEREDO, meant)) return 'never';
  if (matches(LOOPBACK, meant)) return 'loopback';
  if (matches(PRIVATE, meant)) return 'private';
  return isIPv4(meant) || matches(GLOBAL_V6, meant) ? 'public' : 'never';
}

/** Is the address in one of the blocks? Each is an address or CIDR. */
export function createBlockMatcher(blocks: readonly string[]): (address: string) => boolean {
  const list = listBlocks(blocks);
  return (address) => {
    const inner = isIPv6(address) ? findInnerV4(address) : undefined;
    return matches(list, inner ?? address);
  };
}

function listBlocks(blocks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const block of blocks) {
    const [network = '', length] = block.split('/');
    const family = isIPv4(network) ? 'ipv4' : 'ipv6';
    list.addSubnet(network, Number(length ?? (family === 'ipv4' ? 32 : 128)), family);
  }
  return list;
}

function matches(list: BlockList, address: string): boolean {
  if (address.includes('%')) return false;
  return list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}

/** Mapped (::ffff:0:0/96), translated (64:ff9b::/96) and 6to4 (2002::/16) addresses lead to the IPv4 one in them. */
function findInnerV4(address: string): string | undefined {
  const groups = readGroups(address);
  if (!groups) return undefined;
  const prefix = groups.slice(0, 6).join(':');
  if (prefix === '0:0:0:0:0:65535' || prefix === '100:65435:0:0:0:0') return writeV4(groups[6], groups[7]);
  return groups[0] === 0x2002 ? writeV4(groups[1], groups[2]) : undefined;
}

/** The eight groups of an IPv6 address; undefined where it names an interface. */
function readGroups(address: string): readonly number[] | undefined {
  const canonical = URL.parse(`http://[${address}]`)?.hostname.slice(1, -1);
  if (canonical === undefined) return undefined;
  const [head = '', tail] = canonical.split('::');
  const before = readHex(head);
  const after = readHex(tail ?? '');
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

function readHex(text: string): readonly number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

function writeV4(high = 0, low = 0): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
