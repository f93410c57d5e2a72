import { createEngineer, type Engineer } from '../../src/client/engineer.ts';
import type { LoginPrompt } from '../../src/client/login.ts';
import { goOnlineAtProvider } from '../../src/compose/provider-online.ts';
import type { OidcChoice } from '../../src/core/client-config.ts';
import { decodeClientConfig } from '../../src/core/config/client.ts';
import type { Clock } from '../../src/core/ports/clock.ts';
import type { AloneProvider } from './alone-provider.ts';
import { createTestParts, type TestParts } from './client-parts.ts';

export type ProviderDesk = {
  readonly engineer: Engineer;
  readonly parts: Omit<TestParts, 'clock' | 'backend'>;
  readonly login: () => ReturnType<Engineer['login']>;
  /** Refreshes the session, as if its token had been refused. */
  readonly renew: () => Promise<void>;
};

/** The engineer at a provider, in this process; whatever is shown is confirmed, and nobody sleeps. */
export function openProviderParts(
  provider: AloneProvider,
  more?: Readonly<Record<string, unknown>>,
): ProviderDesk {
  const choice = decodeChoice(provider.profile(more));
  let confirming: Promise<void> | undefined;
  let skippedMs = 0;
  const clock: Clock = {
    now: () => Date.now(),
    monotonicMs: () => performance.now() + skippedMs,
    sleep: async (forMs, signal) => {
      if (!confirming) return new Promise((resolve) => signal?.addEventListener('abort', () => resolve()));
      skippedMs += forMs;
      await confirming;
    },
  };
  const confirm = (link: string): void => {
    confirming = provider.confirm(link);
  };
  const tell = (line: string): void => {
    const [link] = /http\S+user_code=\S+/.exec(line) ?? [];
    if (link) confirm(link);
  };
  const parts = { ...createTestParts(), server: 'oidc://work', clock };
  const online = goOnlineAtProvider({ ...parts, choice, tell, signal: undefined });
  const engineer = createEngineer({
    ...parts,
    ...online,
    signProof: () => Promise.reject(new Error('not here')),
  });
  const show = (prompt: LoginPrompt): void => {
    if (prompt.kind === 'device') confirm(prompt.verificationUriComplete ?? '');
  };
  const { signal } = new AbortController();
  return {
    engineer,
    parts,
    login: () => engineer.login({ way: null, show, signal }),
    renew: async () => {
      await online.sessions.renew(await online.sessions.read());
    },
  };
}

function decodeChoice(profile: Readonly<Record<string, unknown>>): OidcChoice {
  const decoded = decodeClientConfig({ profiles: { work: profile } });
  const backend = decoded.ok ? decoded.config.profiles.work?.backend : undefined;
  if (backend?.kind === 'oidc') return backend;
  throw new Error(JSON.stringify(decoded));
}
