import { describe, expect, it } from 'vitest';
import { createPassphrase } from '../../src/compose/passphrase.ts';

/** A terminal that types these answers, one a question. */
function createTyping(...answers: string[]) {
  const asked: string[] = [];
  return {
    asked,
    interactive: true,
    password: async (message: string) => {
      asked.push(message);
      return answers.shift() ?? '';
    },
  };
}

describe('the passphrase of the file keychain', () => {
  it('is asked for once a run', async () => {
    const terminal = createTyping('right');
    const ask = createPassphrase({ environment: {}, terminal });
    const [first, second] = [await ask({ isNew: false }), await ask({ isNew: false })];
    expect([first.reveal(), second.reveal(), terminal.asked.length]).toEqual(['right', 'right', 1]);
  });

  it('is typed twice when it is chosen, and refused when the two differ', async () => {
    const same = createTyping('right', 'right');
    expect((await createPassphrase({ environment: {}, terminal: same })({ isNew: true })).reveal()).toBe(
      'right',
    );
    const ask = createPassphrase({
      environment: {},
      terminal: createTyping('right', 'wrong', 'better', 'better'),
    });
    await expect(ask({ isNew: true })).rejects.toMatchObject({ code: 'passphrase_needed', exitCode: 4 });
    expect((await ask({ isNew: true })).reveal()).toBe('better');
  });

  it('comes from the environment before anybody is asked', async () => {
    const terminal = createTyping();
    const environment = { JIT_KEYCHAIN_PASSPHRASE: 'from outside' };
    expect((await createPassphrase({ environment, terminal })({ isNew: true })).reveal()).toBe(
      'from outside',
    );
    expect(terminal.asked).toEqual([]);
  });

  it('is missing, by name, where there is no terminal and no descriptor', async () => {
    const terminal = { ...createTyping(), interactive: false };
    for (const environment of [{}, { JIT_KEYCHAIN_PASSPHRASE_FD: '987' }]) {
      await expect(createPassphrase({ environment, terminal })({ isNew: true })).rejects.toMatchObject({
        code: 'passphrase_needed',
      });
    }
  });
});
