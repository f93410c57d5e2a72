import { createHttp } from '../../../src/adapters/oauth/http.ts';
import { createEngineer, type Engineer } from '../../../src/client/engineer.ts';
import type { LoginPrompt } from '../../../src/client/login.ts';
import { goOnlineAtProvider } from '../../../src/compose/provider-online.ts';
import type { OidcChoice } from '../../../src/core/client-config.ts';
import { decodeClientConfig } from '../../../src/core/config/client.ts';
import type { ApprovalBackend } from '../../../src/core/ports/backend.ts';
import type { Clock } from '../../../src/core/ports/clock.ts';
import { createTestParts, type TestParts } from '../fakes/client-parts.ts';
import type { AloneProvider } from './provider.ts';

export type ProviderDesk = {
  readonly engineer: Engineer;
  readonly backend: ApprovalBackend;
  readonly parts: Omit<TestParts, 'clock' | 'backend'>;
  /** Every line that was told. */
  readonly told: readonly string[];
  readonly login: (way?: LoginPrompt['kind']) => ReturnType<Engineer['login']>;
  /** Refreshes the session, as if its token had been refused. */
  readonly renew: () => Promise<void>;
  /** The last page that a person saw. */
  readonly page: () => Promise<string | undefined>;
};

export type ProviderDeskOptions = {
  /** More of the profile. */
  readonly more?: Readonly<Record<string, unknown>>;
  readonly timeoutMs?: number;
  /** The machine of another desk, which has met this provider already. */
  readonly like?: ProviderDesk;
  /** How much faster time goes while somebody confirms: 1 where it is missing. */
  readonly haste?: number;
  /** Does what a person does; says yes where it is missing. */
  readonly confirm?: (link: string) => Promise<string>;
};

/** The engineer at a provider, in this process; whatever is shown is confirmed, and nobody sleeps. */
export function openProviderParts(provider: AloneProvider, options: ProviderDeskOptions = {}): ProviderDesk {
  const choice = decodeChoice(provider.profile(options.more));
  const { timeoutMs = 10_000, haste = 1 } = options;
  const told: string[] = [];
  let confirming: Promise<string> | undefined;
  let skippedMs = 0;
  const clock: Clock = {
    now: () => Date.now(),
    monotonicMs: () => performance.now() + skippedMs,
    sleep: async (forMs, signal) => {
      if (!confirming) return new Promise((resolve) => signal?.addEventListener('abort', () => resolve()));
      await confirming;
      skippedMs += forMs * haste;
    },
  };
  const confirm = (link: string): void => {
    confirming = options.confirm ? options.confirm(link) : provider.confirm(link);
  };
  const tell = (line: string): void => {
    told.push(line);
    const [link] = /http\S+user_code=\S+/.exec(line) ?? [];
    if (link) confirm(link);
  };
  const parts = { ...(options.like?.parts ?? createTestParts()), server: 'oidc://work', clock };
  const http = createHttp({ timeoutMs });
  const more = { choice, tell, openPage: confirm, signal: undefined, http };
  const online = goOnlineAtProvider({ ...parts, ...more });
  const engineer = createEngineer({
    ...parts,
    ...online,
    signProof: () => Promise.reject(new Error('not here')),
  });
  const show = (prompt: LoginPrompt): void =>
    confirm(prompt.kind === 'device' ? (prompt.verificationUriComplete ?? '') : prompt.address);
  const { signal } = new AbortController();
  return {
    engineer,
    backend: online.backend,
    parts,
    told,
    page: async () => confirming,
    login: (kind = 'device') => engineer.login({ way: { kind }, show, signal }),
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
