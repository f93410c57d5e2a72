/** Every path of `/v1`, in one place for both sides. */
export const routes = {
  me: '/v1/me',
  scopes: '/v1/scopes',
  status: '/v1/status',
  history: '/v1/history',
  inbox: '/v1/inbox',
  events: '/v1/events',
  openapi: '/v1/openapi.json',
  previews: '/v1/previews',
  requests: '/v1/requests',
  request: (id: string): string => `/v1/requests/${encodeURIComponent(id)}`,
  claim: (id: string): string => `/v1/requests/${encodeURIComponent(id)}/claim`,
  /** The token of the grant that came of it, signed again; its credential stays. */
  token: (id: string): string => `/v1/requests/${encodeURIComponent(id)}/token`,
  cancel: (id: string): string => `/v1/requests/${encodeURIComponent(id)}/cancel`,
  dossier: (id: string): string => `/v1/requests/${encodeURIComponent(id)}/dossier`,
  approve: (id: string): string => `/v1/requests/${encodeURIComponent(id)}/approve`,
  deny: (id: string): string => `/v1/requests/${encodeURIComponent(id)}/deny`,
  /** Of break-glass, when it is over. */
  review: (id: string): string => `/v1/requests/${encodeURIComponent(id)}/review`,
  /** With a selection in the query: what `revocations` would take away. */
  grants: '/v1/grants',
  revocations: '/v1/revocations',
  grant: (id: string): string => `/v1/grants/${encodeURIComponent(id)}`,
  sshTargets: '/v1/ssh-targets',
  sshCertificate: (id: string): string => `/v1/grants/${encodeURIComponent(id)}/ssh-certificate`,
  /** Said by its holder, while a command runs with it. */
  use: (id: string): string => `/v1/grants/${encodeURIComponent(id)}/use`,
  revoke: (id: string): string => `/v1/grants/${encodeURIComponent(id)}/revoke`,
} as const;

/** The header under which the same submission is recognised again. */
export const IDEMPOTENCY_HEADER = 'idempotency-key';
/** Every answer carries the server's time: the client compares its own clock with it. */
export const SERVER_TIME_HEADER = 'jit-time';
