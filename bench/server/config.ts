/** The server under test: one service whose token is all there is, read at once, changed when somebody approves; and one database. */

export const SERVICE = 'orders-api';
export const SERVICE_SECRET = 'the secret of the measured service';
export const READ = 'prod:api.read';
/** Of the database, granted at once too. */
export const ROWS = 'prod:db.read';
export const DATABASE = 'orders';
export const WRITE = 'prod:api.write';
export const SECRET = 'a secret of a measurement, which protects nothing';

export function describePolicy({ databaseUrl }: Pick<ConfigOrder, 'databaseUrl'>): string {
  const automatic = [READ, ...(databaseUrl === undefined ? [] : [ROWS])].map(
    (scope) => `@id("${scope.replaceAll(/[:.]/g, '-')}-is-automatic")
permit (principal in Group::"engineers", action == Action::"activate", resource == Scope::"${scope}");`,
  );
  return `${automatic.join('\n')}
@id("people-decide") @approvals("1") @approvers("leads")
permit (principal in Group::"engineers", action == Action::"request", resource == Scope::"${WRITE}");
@id("leads-approve")
permit (principal in Group::"leads", action == Action::"approve", resource);
`;
}

/** One person is logged in; the others have copies of that session. */
export const FIRST = 'user-0';
export const LEAD = 'lead-0';

export function nameUser(index: number): string {
  return `user-${index}`;
}

export type ConfigOrder = {
  readonly port: number;
  /** Where this one of several behind the same address listens. */
  readonly listensOn?: number;
  readonly store: string;
  readonly users: number;
  /** Of the administrator of a database whose roles are granted, where that is measured. */
  readonly databaseUrl: string | undefined;
};

export function describeConfig({ port, listensOn = port, store, users, databaseUrl }: ConfigOrder): string {
  const people = Array.from(
    { length: users },
    (_, index) => `{ name: ${nameUser(index)}, groups: [engineers] }`,
  );
  const scope = `{ description: Work, sensitivity: low, default: 30m, max: 8h, targets: [${SERVICE}] }`;
  return `url: http://127.0.0.1:${port}
listen: 127.0.0.1:${listensOn}
timezone: Europe/Rome
secret: ${SECRET}
store: ${store}
identity: { dev: { users: [${people.join(', ')}, { name: ${LEAD}, groups: [leads] }] } }
limits: { pending: 1000000, live: 1000000, requests_per_minute: 1000000 }
policies: ./policies
resource_servers: { ${SERVICE}: { secret: "${SERVICE_SECRET}", targets: [${SERVICE}] } }
scopes:
  "${READ}": ${scope}
  "${WRITE}": ${scope}
  ${databaseUrl === undefined ? '' : `"${ROWS}": ${scope.replace(SERVICE, DATABASE)}`}
targets:
  ${SERVICE}: { kind: token, audience: "https://${SERVICE}.example.com" }
  ${databaseUrl === undefined ? '' : describeDatabase(databaseUrl)}
`;
}

function describeDatabase(url: string): string {
  const what = `kind: postgres, url: "${url}", audience: "https://${DATABASE}.example.com"`;
  return `${DATABASE}: { ${what}, member_of: { "${ROWS}": [orders_reader] } }`;
}
