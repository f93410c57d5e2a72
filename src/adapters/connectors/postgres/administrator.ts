import type { ConnectorParts } from '../../../core/config/connector-kind.ts';
import { Secret } from '../../../core/secret.ts';
import { type Instant, SECOND_MS } from '../../../core/time.ts';
import type { Passwords } from './connections.ts';
import { createPassword } from './scram.ts';

export type AdministratorOptions = Pick<ConnectorParts, 'clock' | 'readSecret' | 'replaceSecret'> & {
  /** The target's. */
  readonly name: string;
  /** The role that it is. */
  readonly user: string;
  /** As the configuration says it. */
  readonly first: Secret;
};

/** The administrator's password, which may be another than the configuration's since it was replaced. */
export type Administrator = Passwords & {
  readonly user: string;
  /**
   * The password to set now, on record before it is set; that of a try which was not confirmed, as long as there is one.
   * Undefined when none is due, or another replica was faster.
   */
  begin(everySeconds: number): Promise<Secret | undefined>;
  /** The server was seen to take it. False: another replica has said so already. */
  confirm(next: Secret): Promise<boolean>;
};

/** Null is the configuration's. With a `next`, either of the two may be the server's. */
type State = { readonly current: string | null; readonly next: string | null; readonly rotatedAt: Instant };

const AT_FIRST: State = { current: null, next: null, rotatedAt: 0 };

export function createAdministrator(options: AdministratorOptions): Administrator {
  const { clock, first, user } = options;
  const name = `administrator of ${options.name}`;
  let chosen: Secret | undefined;
  const read = async (): Promise<State> => decode(await options.readSecret(name, () => encode(AT_FIRST)));
  const replace = (before: State, after: State): Promise<boolean> =>
    options.replaceSecret(name, encodeChange(before, after));
  return {
    user,
    current: async () => {
      chosen ??= new Secret((await read()).current ?? first.reveal());
      return chosen;
    },
    recover: async (isTaken) => {
      const state = await read();
      const possible = listPossible(state, first);
      if (possible.every((password) => password.reveal() === chosen?.reveal())) return false;
      for (const password of possible) {
        if (!(await isTaken(password))) continue;
        chosen = password;
        if (isConfiguredAnew(state, password)) await replace(state, AT_FIRST);
        return true;
      }
      return false;
    },
    begin: async (everySeconds) => {
      const state = await read();
      if (state.next !== null) return new Secret(state.next);
      if (state.rotatedAt + everySeconds * SECOND_MS > clock.now()) return undefined;
      const next = createPassword();
      return (await replace(state, { ...state, next: next.reveal() })) ? next : undefined;
    },
    confirm: async (next) => {
      const state = await read();
      const after = { current: next.reveal(), next: null, rotatedAt: clock.now() };
      const rotated = { target: options.name, account: user };
      const isConfirmed =
        state.next === next.reveal() &&
        (await options.replaceSecret(name, { ...encodeChange(state, after), rotated }));
      if (isConfirmed) chosen = next;
      return isConfirmed;
    },
  };
}

function listPossible({ next, current }: State, first: Secret): readonly Secret[] {
  const texts = [next, current, first.reveal()].filter((text) => text !== null);
  return [...new Set(texts)].map((text) => new Secret(text));
}

/** Somebody set the password at the server and in the configuration: what the store has is of no use any more. */
function isConfiguredAnew({ next, current }: State, password: Secret): boolean {
  return current !== null && ![next, current].includes(password.reveal());
}

function encodeChange(before: State, after: State) {
  return { before: encode(before), after: encode(after) };
}

function encode({ current, next, rotatedAt }: State): Secret {
  return new Secret(JSON.stringify({ current, next, rotatedAt }));
}

function decode(secret: Secret): State {
  return JSON.parse(secret.reveal()) as State;
}
