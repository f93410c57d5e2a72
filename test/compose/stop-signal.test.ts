import { afterEach, describe, expect, it } from 'vitest';
import { watchHangups } from '../../src/compose/stop-signal.ts';

const before = new Set(process.listeners('SIGHUP'));

afterEach(() => {
  for (const listener of process.listeners('SIGHUP'))
    if (!before.has(listener)) process.off('SIGHUP', listener);
});

const hangUp = (): boolean => process.emit('SIGHUP');

describe('a hangup', () => {
  it('that comes before anybody can do what it asks for is not forgotten', async () => {
    const hangups = watchHangups(() => false);
    hangUp();
    let times = 0;
    hangups.onHangup(async () => {
      times += 1;
    });
    await expect.poll(() => times).toBe(1);
  });

  it('is done after the one before: what is read last is what holds', async () => {
    const hangups = watchHangups(() => false);
    const first = Promise.withResolvers<void>();
    const done: string[] = [];
    hangups.onHangup(async () => {
      done.push('begun');
      await first.promise;
      done.push('ended');
    });
    hangUp();
    hangUp();
    await expect.poll(() => done).toEqual(['begun']);
    first.resolve();
    await expect.poll(() => done).toEqual(['begun', 'ended', 'begun', 'ended']);
  });

  it.each(['before', 'after'])(
    'is the end when the terminal has gone with it, %s that was arranged',
    async (when) => {
      const hangups = watchHangups(() => true);
      let times = 0;
      if (when === 'before') hangUp();
      hangups.onAlone(() => {
        times += 1;
      });
      if (when === 'after') hangUp();
      expect(times).toBe(1);
    },
  );
});
