import { fail, JitError } from '../../../src/core/errors.ts';
import type { Clock } from '../../../src/core/ports/clock.ts';
import type { RequestView } from '../../../src/core/view.ts';
import { definePlugin, type PluginBackend } from '../../../src/plugin/api.ts';
import type { OpenPluginBackend } from '../../../src/plugin/contain-backend.ts';
import { openPluginBackend } from '../../../src/plugin/registry.ts';
import { buildClaimed, buildGrantView, buildRequestView } from '../fakes/fake-backend.ts';
import { never } from '../never.ts';

/** What is said of a package that `openPackage` opened. */
export const LABEL = 'the plugin "work" (rota)';

/** A package as the profile `work` has it, with a secret setting and whatever its `open` gives. */
export function openPackage(open: () => unknown, clock: Clock): Promise<OpenPluginBackend> {
  const backend = { settings: { key: 'secret' }, open: open as () => PluginBackend } as const;
  return openPluginBackend(definePlugin({ name: 'rota', api: '^1.0', backend }), {
    settings: { key: '${KEY}' },
    environment: { KEY: 'hunter2' },
    clock,
    address: 'plugin://work',
    timeoutSeconds: 4,
    followSeconds: 30,
  });
}

/** Nothing is wrong about it: everything is about what was asked. */
export const SOUND: PluginBackend = {
  readRequest: async (id) => pending(id),
  follow: async (id) => pending(id),
  cancel: async (id) => ({ ...pending(id), state: 'cancelled' }),
  claim: async (id) => buildClaimed({ request: buildRequestView({ id }) }),
  readGrant: async (id) => buildGrantView({ id }),
};

function pending(id: string): RequestView {
  return buildRequestView({ id, state: 'pending', grantId: null });
}

const changed = (change: object) => async (id: string) => ({ ...pending(id), ...change }) as RequestView;
const withValue = (value: unknown) => async () => value as RequestView;
const throwing = (error: unknown) => async (): Promise<never> => {
  throw error;
};

/** Deep enough to end whoever follows it all the way down. */
function nest(levels: number): unknown {
  let nested: unknown[] = [];
  for (let level = 0; level < levels; level += 1) nested = [nested];
  return nested;
}

const HURT = new Error('it hurts \u001b[31mhere');
const hurt = (): never => {
  throw HURT;
};
/** That is no promise can be seen. */
const unreadable = new Proxy({}, { get: (_, name) => (name === 'then' ? undefined : hurt()) });

/** What a package does in `readRequest`, by what is wrong about it: the same things as a hostile program, where they fit. */
export const MANNERS: Readonly<Record<string, NonNullable<PluginBackend['readRequest']>>> = {
  'hang for an answer': never,
  crash: throwing(HURT),
  'crash at once': () => {
    throw new TypeError('it is no function');
  },
  'throw a text': throwing('no'),
  'throw nothing': throwing(undefined),
  'throw what is no text': throwing(Object.create(null)),
  'throw what cannot be read': throwing(Object.defineProperty(new Error(), 'message', { get: hurt })),
  'throw a secret of its settings': throwing(new Error('GET https://rota/?key=hunter2')),
  'refuse with a secret of its settings': throwing(fail('failed', { why: 'key=hunter2' })),
  'refuse with a code that is none': throwing(
    new JitError({ code: 'constructor' as 'failed', message: 'no', hint: '' }),
  ),
  'refuse with a code that nobody has': throwing(
    new JitError({ code: 'granted' as 'failed', message: 'no', hint: '' }),
  ),
  'refuse at length': throwing(new JitError({ code: 'denied', message: 'x'.repeat(5_000), hint: '' })),
  'answer about another request': changed({ id: 'req_2' }),
  'answer with an id that is none': changed({ id: '../req_1' }),
  'answer with huge numbers': changed({ durationSeconds: Number.POSITIVE_INFINITY }),
  'answer with a number that is none': changed({ durationSeconds: 2 ** 53 }),
  'answer with a state that there is not': changed({ state: 'granted' }),
  'answer with a time that is none': changed({ lapsesAt: Number.NaN }),
  'answer with a time that is nothing': changed({ lapsesAt: null }),
  'answer with a text for a list': changed({ scopes: 'prod:db.read' }),
  'answer with no list': changed({ told: undefined }),
  'answer with a NUL': changed({ reason: 'a\0b' }),
  'answer with a long text': changed({ reason: 'x'.repeat(5_000) }),
  'answer with many texts': changed({ told: Array.from({ length: 1_001 }, () => 'web') }),
  'answer with depth': changed({ reason: nest(200_000) }),
  'answer with __proto__': withValue(JSON.parse('{"__proto__":{"id":"req_1"}}')),
  'answer with what cannot be read': withValue(unreadable),
  'answer with nothing': withValue(undefined),
  'answer with null': withValue(null),
  'answer with HTML': withValue('<!DOCTYPE html>\n'),
  'answer with a list': withValue([pending('req_1')]),
};
