import { EventEmitter } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { watchInterrupt } from '../src/interrupt.ts';

function watch() {
  const source = new EventEmitter();
  const watched = watchInterrupt(source as unknown as Pick<NodeJS.Process, 'on' | 'off'>);
  const left: number[] = [];
  void watched.interrupted.then((code) => left.push(code));
  return { source, left, ...watched };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('Ctrl-C', () => {
  it('asks the command to end, and the second one does not wait for it', async () => {
    const { source, left, interrupt } = watch();
    source.emit('SIGINT');
    await settle();
    expect(interrupt.signal.aborted).toBe(true);
    expect(left).toEqual([]);
    source.emit('SIGINT');
    await settle();
    expect(left).toEqual([130]);
  });
});

describe('while there is something to take back', () => {
  it('no signal ends jit, however often, nor one of before', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    try {
      const { source, left, interrupt } = watch();
      source.emit('SIGINT');
      const hold = interrupt.hold();
      vi.advanceTimersByTime(5_000);
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGINT', 'SIGTERM'])
        expect(source.emit(name)).toBe(true);
      await settle();
      expect(left).toEqual([]);
      hold.release();
      expect(source.listenerCount('SIGTERM')).toBe(0);
      expect(source.listenerCount('SIGHUP')).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('a signal still asks what has not begun to stop', () => {
    const { source, interrupt } = watch();
    interrupt.hold();
    source.emit('SIGTERM');
    expect(interrupt.signal.aborted).toBe(true);
  });

  it('tells of the next signal, which asks nothing to stop any more', async () => {
    const { source, interrupt } = watch();
    const told = interrupt.hold().nextSignal();
    source.emit('SIGHUP');
    await told;
    expect(interrupt.signal.aborted).toBe(false);
  });
});
