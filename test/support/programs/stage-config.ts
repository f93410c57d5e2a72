import type { WorkloadRule } from '../../../src/core/config.ts';
import { FAULT_SECRET } from '../faults/config.ts';

/** What one test file's server differs in from the usual one. */
export type StageSettings = {
  /** What one person may have and ask for, as it stands in the file. */
  readonly limits?: string;
  /** How long a server that is told to stop still answers. */
  readonly drain?: string;
  /** Where the server remembers, where that is not a file beside its configuration; `secret` then seals it. */
  readonly store?: string;
  readonly pendingTtl?: string;
  readonly claimWindow?: string;
  /** How long a login lasts. */
  readonly session?: string;
  /** Development users and their groups, besides dev, eva and dba-lead. */
  readonly people?: Readonly<Record<string, readonly string[]>>;
  /** How long after break-glass somebody else must have looked at it. */
  readonly reviewWithin?: string;
  /** More scopes that read the database, named `prod:part1.read` and so on. */
  readonly partCount?: number;
  /** How long a token for orders-api lasts, where that is less than its grant. */
  readonly tokenTtl?: string;
  /** Tokens for orders-api are bound to a key. */
  readonly isServiceBound?: true;
  /** Ways of logging in that are turned off. */
  readonly withoutLogin?: 'device' | 'browser';
  /** Workloads, whose issuers may be on this machine. */
  readonly workloads?: readonly WorkloadRule[];
  /** Files of policies by name, instead of the samples. */
  readonly policies?: Readonly<Record<string, string>>;
  /** More scopes and targets, as they stand in the file. */
  readonly more?: { readonly scopes: string; readonly targets: string };
  /** Other settings, as they stand in the file. */
  readonly settings?: string;
};

export type StageAddresses = {
  /** What people and programs reach the server by. */
  readonly url: string;
  readonly listenPort: number;
  readonly policiesFolder: string;
  readonly hasDatabase: boolean;
};

const PEOPLE = `
  dev:
    users:
      - { name: dev, groups: [engineers] }
      - { name: eva, groups: [engineers] }
      - { name: dba-lead, groups: [engineers, dba] }`;

function describePeople({ people = {} }: StageSettings): string {
  return Object.entries(people)
    .map(([name, groups]) => `\n      - { name: ${name}, groups: [${groups.join(', ')}] }`)
    .join('');
}

function describeWorkloads({ workloads = [] }: StageSettings): string {
  if (workloads.length === 0) return '';
  return `\n  workloads: ${JSON.stringify(workloads)}\noutgoing: { allow: [127.0.0.0/8] }`;
}

function describeStore({ store }: StageSettings): string {
  return store === undefined ? 'store: sqlite:./jit.db' : `store: ${store}\nsecret: ${FAULT_SECRET}`;
}

function describeLogin({ session, withoutLogin }: StageSettings): string {
  const off = withoutLogin ? `, ${withoutLogin}: false` : '';
  return `login: { session: ${session ?? '12h'}, idle: ${session ?? '1h'}${off} }`;
}

/** A jit.yaml as a person would write it: two services whose token is all there is, and a database where there is one. */
export function writeStageConfig(addresses: StageAddresses, settings: StageSettings): string {
  const { url, listenPort, policiesFolder, hasDatabase } = addresses;
  return `url: ${url}
listen: 127.0.0.1:${listenPort}
timezone: Europe/Rome
${describeStore(settings)}
identity:${PEOPLE}${describePeople(settings)}${describeWorkloads(settings)}
${describeLogin(settings)}
${settings.limits === undefined ? '' : `limits: ${settings.limits}\n`}${settings.drain === undefined ? '' : `drain: ${settings.drain}\n`}pending_ttl: ${settings.pendingTtl ?? '1h'}
claim_window: ${settings.claimWindow ?? '15m'}
break_glass: { review_within: ${settings.reviewWithin ?? '24h'} }
policies: ${policiesFolder}
${settings.settings ?? ''}
resource_servers:
  orders-api: { secret: "\${ORDERS_API_SECRET}", targets: [orders-api, billing-api] }
scopes:
  prod:api.read: { description: Read from the services, sensitivity: low, default: 30m, max: 8h, targets: [orders-api, billing-api] }
${describeScopes(hasDatabase ? 'orders' : 'orders-api')}${describeParts(settings)}${settings.more ? `\n${settings.more.scopes}` : ''}
targets:
  orders-api: { kind: token, audience: "https://orders-api.example.com"${describeTokenTtl(settings)}${settings.isServiceBound ? ', dpop: true' : ''} }
  billing-api: { kind: token, audience: "https://billing-api.example.com" }
${settings.more ? `${settings.more.targets}\n` : ''}${hasDatabase ? describeDatabase(settings) : ''}`;
}

function describeTokenTtl({ tokenTtl }: StageSettings): string {
  return tokenTtl === undefined ? '' : `, token_ttl: ${tokenTtl}`;
}

/** Without a database, what the samples say about one is asked for on a service. */
function describeScopes(target: string): string {
  return `  prod:db.read: { description: Read production data, sensitivity: medium, default: 30m, max: 4h, targets: [${target}] }
  prod:db.write: { description: Change production data, sensitivity: high, default: 15m, max: 1h, targets: [${target}] }`;
}

function describeDatabase(settings: StageSettings): string {
  const parts = listParts(settings).map((scope) => `, "${scope}": [orders_reader]`);
  return `  orders:
    kind: postgres
    audience: https://orders.example.com
    url: \${ORDERS_ADMIN_URL}
    member_of: { "prod:db.read": [orders_reader], "prod:db.write": [orders_writer]${parts.join('')} }`;
}

function describeParts(settings: StageSettings): string {
  return listParts(settings)
    .map(
      (scope) =>
        `\n  ${scope}: { description: Read a part, sensitivity: low, default: 30m, max: 1h, targets: [orders] }`,
    )
    .join('');
}

/** A person has one grant for the same scopes on a target: many grants need many scopes. */
export function listParts({ partCount = 0 }: StageSettings): readonly string[] {
  return Array.from({ length: partCount }, (_, index) => `prod:part${index + 1}.read`);
}
