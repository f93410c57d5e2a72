import type { ServerConfig } from '../../core/config.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Company } from '../../core/ports/company.ts';
import type { Directory } from '../../core/ports/directory.ts';
import type { PeopleStore } from '../../core/ports/people-store.ts';
import type { ProtocolStore } from '../../core/ports/protocol-store.ts';
import type { Secret } from '../../core/secret.ts';
import type { Attempts } from '../oauth/login/attempts.ts';
import { createDevelopmentIdentity, requireLoopback } from '../oauth/login/development-identity.ts';
import type { Identity } from '../oauth/login/identity.ts';
import { createOutage, type Outage } from '../outage.ts';
import type { LoginPageOptions } from '../pages/login-pages.ts';
import { type CompanyPeople, createCompanyPeople } from './company-people.ts';
import { createDirectory } from './identity.ts';

/** Who people are, and how they say so: the development users with their PIN, or the company's provider. */
export type People = {
  readonly identity: Identity;
  readonly directory: Directory;
  readonly way: LoginPageOptions['way'];
  /** What is asked of the provider again and again; null for development users. */
  readonly renewal: {
    readonly company: Company;
    readonly outage: Outage;
    readonly mayHaveSession: CompanyPeople['mayHaveSession'];
  } | null;
};

type PeopleOptions = {
  readonly config: ServerConfig;
  readonly clock: Clock;
  readonly protocol: ProtocolStore;
  readonly people: PeopleStore;
  readonly secret: Secret;
  readonly pin: Secret;
  readonly company: Company | null;
  readonly attempts: Attempts;
  readonly onError: (error: unknown) => void;
};

export function createPeople(options: PeopleOptions): People {
  return options.company ? createFromCompany(options, options.company) : createFromUsers(options);
}

function createFromUsers({ config, pin, attempts }: PeopleOptions): People {
  requireLoopback(config.listen.host);
  const identity = createDevelopmentIdentity({ users: config.identity.devUsers, pin, attempts });
  return {
    identity,
    directory: createDirectory(identity),
    way: { kind: 'pin', pin: identity },
    renewal: null,
  };
}

function createFromCompany(options: PeopleOptions, company: Company): People {
  const { config, secret, onError } = options;
  const { directory, remember, mayHaveSession } = createCompanyPeople({
    ...options,
    sessionSeconds: config.login.sessionSeconds,
  });
  const outage = createOutage(onError);
  const onLogin: typeof remember = async (login) => {
    outage.worked();
    await remember(login);
  };
  return {
    identity: directory,
    directory,
    way: { kind: 'company', company, secret, onLogin, onFailure: outage.failed },
    renewal: { company, outage, mayHaveSession },
  };
}
