import { beforeEach, describe, expect, it } from 'vitest';
import type { ApprovalBackend } from '../../src/core/ports/backend.ts';
import type { RequestView } from '../../src/core/view.ts';
import type { PluginBackend } from '../../src/plugin/api.ts';
import { sampleAsked } from '../support/core-samples.ts';
import { buildRequestView } from '../support/fakes/fake-backend.ts';
import { createFakeClock, type FakeClock } from '../support/fakes/fake-clock.ts';
import { APPROVAL, CALLS, EVERYBODY, KNOWN, WAITING } from '../support/plugins/backend-calls.ts';
import { openPackage, SOUND } from '../support/plugins/hostile-package.ts';

let clock: FakeClock;
beforeEach(() => {
  clock = createFakeClock(Date.parse('2026-11-22T14:00:00Z'));
});

async function open(changes: PluginBackend): Promise<ApprovalBackend> {
  return (await openPackage(() => ({ ...SOUND, ...changes }), clock)).backend;
}

describe('the backend of a package', () => {
  it.each([...CALLS, ...WAITING])('%s: what it answers is what is asked for', async (method, ask, answer) => {
    expect(await ask(await open({ [method]: async () => answer }))).toEqual(answer);
  });

  it.each([...CALLS, ...WAITING])(
    '%s: what it does with what it is given is its own',
    async (method, ask) => {
      const spoil = (...args: readonly unknown[]): unknown => {
        for (const given of args)
          if (typeof given === 'object' && given) Object.assign(given, { scopes: [] });
        throw new Error('spoilt');
      };
      const before = structuredClone([sampleAsked, KNOWN, EVERYBODY, APPROVAL]);
      await expect(ask(await open({ [method]: spoil }))).rejects.toThrow('spoilt');
      expect([sampleAsked, KNOWN, EVERYBODY, APPROVAL]).toEqual(before);
    },
  );

  it('may be an object of a class', async () => {
    class Rota {
      readonly #state = 'cancelled';
      async cancel(request: string): Promise<RequestView> {
        return buildRequestView({ id: request, state: this.#state as 'cancelled' });
      }
    }
    const { backend } = await openPackage(() => new Rota(), clock);
    expect((await backend.cancel('req_9')).state).toBe('cancelled');
    await expect(backend.listScopes()).rejects.toMatchObject({ code: 'not_offered' });
  });
});

it.each([undefined, null, 'a backend'])(
  'INP-05: a package that opens %j opens no backend',
  async (opened) => {
    await expect(openPackage(() => opened, clock)).rejects.toMatchObject({
      code: 'plugin_unusable',
      message: 'the plugin rota cannot be used: it opens no backend',
    });
  },
);
