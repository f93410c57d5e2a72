import { createVerifier, type Verdict, type Verifier, type VerifierOptions } from '../../../src/verify.ts';
import { createFakeClock, type FakeClock } from '../fakes/fake-clock.ts';
import { AUDIENCE, NOW, startTokenServer, type TokenServer } from './token-server.ts';

/** A verifier, the server that it asks, and time, all in the test's hands. */
export type VerifyScene = AsyncDisposable & {
  readonly server: TokenServer;
  readonly clock: FakeClock;
  readonly errors: readonly unknown[];
  /** Another verifier from now on. */
  open(options?: Partial<VerifierOptions>): Verifier;
  /** Brings a bearer token with a GET. */
  bring(token: string, scope?: string): Promise<Verdict>;
  /** How often the server was asked for this path. */
  count(path: string): number;
};

/** What a verifier needs to ask about tokens. */
export const ASKING: Partial<VerifierOptions> = { introspection: { id: 'orders', secret: 'a secret' } };

export async function openVerifyScene(): Promise<VerifyScene> {
  const server = await startTokenServer();
  const clock = createFakeClock(NOW);
  const errors: unknown[] = [];
  const open = (options: Partial<VerifierOptions> = {}): Verifier =>
    createVerifier({
      issuer: server.url,
      audience: AUDIENCE,
      clock,
      onError: (error) => errors.push(error),
      ...options,
    });
  let verifier = open();
  return {
    server,
    clock,
    errors,
    open: (options) => {
      verifier = open(options);
      return verifier;
    },
    bring: (token, scope) => {
      const call = { method: 'GET', path: '/orders', authorization: `Bearer ${token}`, proof: undefined };
      return verifier.verify(call, scope === undefined ? {} : { scope });
    },
    count: (path) => server.calls.filter((called) => called === path).length,
    [Symbol.asyncDispose]: async () => {
      verifier.close();
      await server[Symbol.asyncDispose]();
    },
  };
}
