import { catalogue, type Row } from '../../../src/core/error-catalogue.ts';
import type { ErrorCode } from '../../../src/core/errors.ts';

/** One value for every parameter that any error takes: what `docs/errors.md` shows is rendered with these. */
const SAMPLE = {
  address: 'https://jit.example.com',
  afterMs: 3000,
  afterSeconds: 30,
  askedSeconds: 86_400,
  at: 'jit.yaml:12 scopes.prod:db.read.max',
  backup: 'jit.backup',
  bare: true,
  channel: 'slack',
  choices: ['gr_1', 'gr_2'],
  command: 'psql',
  count: 12,
  demand: { maxAgeSeconds: 900, strengths: ['mfa'] },
  expected: '9f86…',
  file: '/run/secrets/jit/token',
  found: '60d1…',
  flag: '--on',
  grantId: 'gr_1',
  id: 'req_1',
  ids: ['req_1', 'req_2'],
  issuer: 'https://login.example.com',
  instead: 'jit status',
  is: 'eva',
  item: 'session',
  limitBytes: 65_536,
  maxSeconds: 14_400,
  nearest: 'orders',
  offsetSeconds: 7200,
  path: 'jit.db',
  plugin: 'the plugin "work" (/opt/approvals)',
  scope: 'prod:db.read',
  server: 'https://jit.example.com',
  state: 'denied',
  takenAt: '2026-11-22T09:00:00Z',
  target: 'orders',
  targets: ['orders', 'billing'],
  text: '30',
  total: 512,
  was: 'dev',
  way: 'device' as const,
  what: 'target',
  why: '…',
};

/** Where the value of all would make a sentence that jit never says. */
const OWN: Partial<Record<ErrorCode, Partial<typeof SAMPLE>>> = {
  ambiguous: { what: 'live grant', flag: 'its id' },
  limit_reached: {
    what: '20 open requests',
    instead: 'jit status lists them; jit cancel takes one back',
  },
  lost_race: { what: 'req_1' },
  missing_answer: { what: 'the reason', flag: '--reason "why you need it"' },
  not_found: { what: 'request req_1' },
  not_offered: { what: 'certificates for ssh' },
  too_many: { what: 'requests in a minute: you may ask 30 times' },
  unknown_scope: { scope: 'prod:db.raed', nearest: 'prod:db.read' },
  unknown_target: { target: 'oders' },
  usage: { command: 'request' },
};

/** An error as the documentation shows it. */
export function renderSample(code: ErrorCode): {
  readonly exit: number;
  readonly status: number;
  readonly message: string;
  readonly hint: string;
} {
  const row = catalogue[code] as Row<typeof SAMPLE>;
  const sample = { ...SAMPLE, ...OWN[code] };
  return { exit: row.exit, status: row.status, message: row.message(sample), hint: row.hint(sample) };
}

/** Everything that the errors say, whatever way they are asked: for what must hold of all of them. */
export const everyCode = Object.keys(catalogue) as readonly ErrorCode[];
