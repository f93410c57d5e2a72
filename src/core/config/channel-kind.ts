import type * as v from 'valibot';
import type { Channel } from '../ports/channel.ts';
import type { Clock } from '../ports/clock.ts';
import type { Outgoing } from '../ports/outgoing.ts';

export type ChannelSettings = Readonly<Record<string, unknown>>;

/** A channel that a plugin brings: what it is told under its name among `channels`, and how it is opened. */
export type ChannelKind = {
  readonly name: string;
  readonly entries: v.ObjectEntries;
  /** Settings that hold a secret as they are written: no such file may be read by others (I5). */
  listSecrets(settings: ChannelSettings): readonly string[];
  /** The addresses in its settings: all that it is helped to call (INP-02). */
  listAddresses(settings: ChannelSettings): readonly string[];
  open(settings: ChannelSettings, parts: { readonly clock: Clock; readonly call: Outgoing }): Channel;
};
