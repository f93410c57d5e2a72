import { describe, expect, it } from 'vitest';
import { defineConnectorKind } from '../../../src/core/config/connector-kind.ts';
import type { TargetConfig } from '../../../src/core/config.ts';
import type { Connector } from '../../../src/core/ports/connector.ts';
import { openConnectors } from '../../../src/server/compose/connectors.ts';
import { createFakeClock } from '../../support/fakes/fake-clock.ts';

const target = (name: string, kind: string): TargetConfig =>
  ({ name, kind, audience: `https://${name}.example.com`, settings: {} }) as unknown as TargetConfig;

describe('the connectors of a configuration', () => {
  it('that cannot all be opened are closed again, each of them', () => {
    const closed: string[] = [];
    const sound = defineConnectorKind({
      kind: 'sound',
      entries: {},
      open: ({ name }) => ({ close: async () => void closed.push(name) }) as unknown as Connector,
    });
    const broken = defineConnectorKind({
      kind: 'broken',
      entries: {},
      open: () => {
        throw new Error('no such wiki');
      },
    });
    const targets = [target('one', 'sound'), target('two', 'sound'), target('three', 'broken')];
    const parts = {
      clock: createFakeClock(0),
      installation: 'abcd1234',
      readSecret: () => expect.fail(),
      replaceSecret: () => expect.fail(),
    };
    expect(() => openConnectors(targets, { ...parts, kinds: [sound, broken] })).toThrow('no such wiki');
    expect(closed).toEqual(['one', 'two']);
  });
});
