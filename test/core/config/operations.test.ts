import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { CONNECTOR_KINDS } from '../../../src/adapters/connectors/kinds.ts';
import { decodeConfig } from '../../../src/core/config/decode.ts';
import { Secret } from '../../../src/core/secret.ts';

const BASE = `
url: http://127.0.0.1:7420
listen: 127.0.0.1:7420
store: sqlite:./jit.db
identity: { dev: { users: [{ name: dev }] } }
scopes: {}
targets: {}
`;
const TOKEN = 'a-token-of-thirty-two-bytes-or-even-more';

function decode(more: string) {
  return decodeConfig(parse(BASE + more), { kinds: CONNECTOR_KINDS, channelKinds: [] });
}

function complain(more: string): string {
  const decoded = decode(more);
  return decoded.ok ? '' : decoded.complaints.map(({ path, why }) => `${path.join('.')}: ${why}`).join();
}

describe('what is configured for those who run the server', () => {
  it('is nothing where nothing is said: no figures, no drain, and the log by where it goes', () => {
    expect(decode('')).toMatchObject({
      config: { operations: { log: { format: null, level: 'info' }, metrics: null, drainSeconds: 0 } },
    });
  });

  it('is read as it is written', () => {
    const more = `log: { format: json, level: debug }\nmetrics: { listen: "0.0.0.0:9420", token: ${TOKEN} }\ndrain: 3s`;
    expect(decode(more)).toMatchObject({
      config: {
        operations: {
          log: { format: 'json', level: 'debug' },
          metrics: { listen: { host: '0.0.0.0', port: 9420 }, token: new Secret(TOKEN) },
          drainSeconds: 3,
        },
      },
    });
  });

  it.each([
    [
      'metrics: { listen: "0.0.0.0:9420" }',
      'metrics.token: is missing: without one, listen on loopback only',
    ],
    ['metrics: { listen: "10.0.0.1:9420", token: short }', 'metrics.token: must be at least 32 bytes'],
    ['drain: 6s', 'drain: must be 5s at most'],
    ['log: { format: xml }', 'log.format: must be one of text, json'],
    ['log: { colour: true }', 'log.colour'],
  ])('INP-03: %s is refused', (more, complaint) => {
    expect(complain(more)).toContain(complaint);
  });

  it('may be read by whoever is on the machine where it listens on loopback', () => {
    expect(complain('metrics: { listen: "127.0.0.1:9420" }')).toBe('');
    expect(complain('metrics: { listen: "[::1]:9420" }')).toBe('');
  });
});
