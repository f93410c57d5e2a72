import { describe, expect, it } from 'vitest';
import { sshKind } from '../../../../src/adapters/connectors/ssh/kind.ts';
import { decodeConfig } from '../../../../src/core/config/decode.ts';

const TARGET = {
  kind: 'ssh',
  audience: 'https://web.example.com',
  host: 'web.example.com',
  principals: { 'prod:ssh.ops': ['ops'] },
};

function decode(changes: Readonly<Record<string, unknown>>) {
  const scope = { description: 'Log in', sensitivity: 'low', default: '10m', max: '1h', targets: ['web'] };
  const file = {
    url: 'https://jit.example.com',
    listen: '127.0.0.1:7420',
    store: 'sqlite:./jit.db',
    identity: { dev: { users: [{ name: 'dev' }] } },
    scopes: { 'prod:ssh.ops': scope },
    targets: { web: { ...TARGET, ...changes } },
  };
  return decodeConfig(file, { kinds: [sshKind] });
}

function complain(changes: Readonly<Record<string, unknown>>): readonly string[] {
  const decoded = decode(changes);
  return decoded.ok ? [] : decoded.complaints.map(({ path, why }) => `${path.join('.')}: ${why}`);
}

describe('a target of kind ssh', () => {
  it('allows the least that a shell needs, for two minutes, where nothing else is said', () => {
    const decoded = decode({});
    expect(decoded.ok && decoded.config.targets[0]?.settings).toMatchObject({
      port: 22,
      options: ['permit-pty'],
      source_address: false,
      certificate_ttl: 120,
    });
  });

  it.each([
    [{ certificate_ttl: '121s' }, /^targets\.web\.certificate_ttl: is longer than 2m/],
    [{ principals: {} }, /^targets\.web\.principals: names no principal for prod:ssh\.ops$/],
    [{ principals: { 'prod:ssh.ops': [] } }, /principals\.prod:ssh\.ops: must name a principal$/],
    [{ principals: { 'prod:ssh.ops': ['ops,root'] } }, /must be a principal like deploy$/],
    [
      { principals: { 'prod:ssh.ops': ['ops'], 'prod:ssh.root': ['root'] } },
      /principals\.prod:ssh\.root: no scope prod:ssh\.root covers it$/,
    ],
    [{ options: ['force-command'] }, /^targets\.web\.options\.0: must be one of permit-pty/],
    [{ port: 0 }, /^targets\.web\.port: /],
    [{ host: undefined }, /^targets\.web\.host: is missing$/],
  ])('INP-03: refuses %j', (changes, complaint) => {
    expect(complain(changes)).toEqual([expect.stringMatching(complaint)]);
  });

  it.each([
    'web exec "id"',
    'web\nMatch all',
    '-oProxyCommand=id',
    'a"b',
    '$(id)',
    '`id`',
    'web,db',
    '*',
    '',
  ])('takes no host like %j: it becomes a line of an ssh_config', (host) => {
    expect(complain({ host })).toEqual([expect.stringContaining('must be a host')]);
  });

  it.each(['web.example.com', '*.example.com', '10.0.0.7', '2001:db8::7', 'web-?'])('takes %s', (host) => {
    expect(complain({ host })).toEqual([]);
  });
});
