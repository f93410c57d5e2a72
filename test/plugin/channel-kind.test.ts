import { describe, expect, it } from 'vitest';
import { createSystemClock } from '../../src/adapters/clock.ts';
import { Secret } from '../../src/core/secret.ts';
import type { ChannelPlugin } from '../../src/plugin/api.ts';
import { buildChannelKind } from '../../src/plugin/channel-kind.ts';

const PAGER: ChannelPlugin = {
  name: 'pager',
  settings: { url: 'address', other: 'address?', key: 'secret' },
  open: () => ({ deliver: async () => undefined }),
};
const parts = { clock: createSystemClock(), call: () => expect.fail() };

describe('a plugin’s channel in the configuration', () => {
  it('INP-02, I5: says which of its settings are addresses and which are secrets', () => {
    const kind = buildChannelKind(PAGER, 'pager');
    const settings = { url: 'https://pager.example.com/', key: new Secret('x') };
    expect(kind.listAddresses(settings)).toEqual(['https://pager.example.com/']);
    expect(kind.listSecrets(settings)).toEqual(['key']);
  });

  it.each([{ name: 'Pager' }, { name: '' }, { settings: { url: 'uri' } }])('is none with %j', (wrong) => {
    expect(() => buildChannelKind({ ...PAGER, ...wrong } as ChannelPlugin, 'pager')).toThrow(
      'its channel has no name, or settings of no kind',
    );
  });

  it('I5: is refused where opening it throws', () => {
    const open = (): never => {
      throw new Error('no such pager for hunter2');
    };
    const kind = buildChannelKind({ ...PAGER, open }, 'pager');
    const settings = { key: new Secret('hunter2') };
    expect(() => kind.open(settings, parts)).toThrow(
      'pager cannot be used: opening it failed: no such pager for [redacted]',
    );
  });

  it.each([[() => undefined], [async () => ({ deliver: async () => undefined })], [() => ({})]])(
    'is refused where it opens nothing that delivers',
    (open) => {
      const kind = buildChannelKind({ ...PAGER, open } as unknown as ChannelPlugin, 'pager');
      expect(() => kind.open({}, parts)).toThrow('its channel has no "deliver"');
    },
  );
});
