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
    expect([first?.reveal(), second?.reveal(), terminal.asked.length]).toEqual(['right', 'right', 1]);
  });

  it('is asked for again where it was wrong, once for all who were told so', async () => {
    const terminal = createTyping('wrong', 'right');
    const ask = createPassphrase({ environment: {}, terminal });
    const refused = await ask({ isNew: false });
    if (!refused) throw new Error('nothing was asked');
    const [one, two] = [await ask({ isNew: false, refused }), await ask({ isNew: false, refused })];
    expect([one?.reveal(), two?.reveal()]).toEqual(['right', 'right']);
    expect(terminal.asked).toEqual(['Passphrase of the file keychain', 'Wrong passphrase, try again']);
  });

  it('that came from the environment and was wrong is not asked for', async () => {
    const terminal = createTyping();
    const environment = { JIT_KEYCHAIN_PASSPHRASE: 'from outside' };
    const ask = createPassphrase({ environment, terminal });
    const refused = await ask({ isNew: false });
    if (!refused) throw new Error('nothing was given');
    expect(await ask({ isNew: false, refused })).toBeUndefined();
    expect(terminal.asked).toEqual([]);
  });

  it('is typed twice when it is chosen, and again where the two differ', async () => {
    const terminal = createTyping('long enough', 'lnog enough', 'better one', 'better one');
    const ask = createPassphrase({ environment: {}, terminal });
    expect((await ask({ isNew: true }))?.reveal()).toBe('better one');
    expect(terminal.asked).toEqual([
      'A new passphrase for the file keychain',
      'Repeat the passphrase',
      'A new passphrase for the file keychain (the passphrases do not match)',
      'Repeat the passphrase',
    ]);
  });

  it('has eight characters at least when it is chosen, wherever it comes from', async () => {
    const short = { code: 'passphrase_needed', message: expect.stringContaining('at least 8 characters') };
    const typed = createTyping('ab', 'abc', '1234567');
    await expect(
      createPassphrase({ environment: {}, terminal: typed })({ isNew: true }),
    ).rejects.toMatchObject({ ...short, exitCode: 4, hint: 'the same command asks again' });
    expect(typed.asked).toHaveLength(3);
    const given = { environment: { JIT_KEYCHAIN_PASSPHRASE: 'ab' }, terminal: createTyping() };
    await expect(createPassphrase(given)({ isNew: true })).rejects.toMatchObject(short);
    expect((await createPassphrase(given)({ isNew: false }))?.reveal()).toBe('ab');
  });

  it('comes from the environment before anybody is asked', async () => {
    const terminal = createTyping();
    const environment = { JIT_KEYCHAIN_PASSPHRASE: 'from outside' };
    expect((await createPassphrase({ environment, terminal })({ isNew: true }))?.reveal()).toBe(
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
