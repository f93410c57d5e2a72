import { flatten } from '../same-person.ts';
import { findNearest } from '../scope.ts';
import { isLoopbackHost } from './address.ts';
import type { Complaint } from './complaint.ts';
import type { ConnectorKind } from './connector-kind.ts';
import { checkMetrics } from './operations.ts';
import type { ConfigFile } from './schema.ts';
import { checkStore } from './store.ts';

type Check = (file: ConfigFile) => readonly Complaint[];

/** Everything that is wrong between settings that are each right alone. */
export function checkConfig(file: ConfigFile, kinds: readonly ConnectorKind[]): readonly Complaint[] {
  return [...CHECKS.flatMap((check) => check(file)), ...checkTargets(file, kinds)];
}

const CHECKS: readonly Check[] = [
  checkTargetsExist,
  checkDurations,
  checkLoopback,
  checkUsers,
  checkIdentity,
  checkPolicies,
  checkWorkloads,
  checkReview,
  checkLogin,
  checkMetrics,
  checkStore,
];

function checkTargetsExist(file: ConfigFile): readonly Complaint[] {
  const known = Object.keys(file.targets);
  const places = [
    ...Object.entries(file.scopes).map(([name, scope]) => ({ path: ['scopes', name], named: scope.targets })),
    ...Object.entries(file.resource_servers).map(([name, server]) => ({
      path: ['resource_servers', name],
      named: server.targets,
    })),
  ];
  return places.flatMap(({ path, named }) =>
    named.flatMap((target, index) =>
      known.includes(target)
        ? []
        : [{ path: [...path, 'targets', String(index)], why: describeUnknown(target, known) }],
    ),
  );
}

function describeUnknown(target: string, known: readonly string[]): string {
  const nearest = findNearest(target, known);
  return `there is no target "${target}"${nearest ? `: did you mean "${nearest}"?` : ''}`;
}

function checkDurations(file: ConfigFile): readonly Complaint[] {
  return Object.entries(file.scopes)
    .filter(([, scope]) => scope.default > scope.max)
    .map(([name]) => ({ path: ['scopes', name, 'default'], why: 'is longer than the maximum' }));
}

/** What only the kind of a target knows. */
function checkTargets(file: ConfigFile, kinds: readonly ConnectorKind[]): readonly Complaint[] {
  return Object.entries(file.targets).flatMap(([name, target]) => {
    const kind = kinds.find((candidate) => candidate.kind === target.kind);
    const covering = Object.keys(file.scopes).filter((scope) => file.scopes[scope]?.targets.includes(name));
    const others = Object.values(file.targets).filter((one) => one !== target && one.kind === target.kind);
    const complaints = kind ? [...kind.check(target, covering), ...kind.checkBeside(target, others)] : [];
    return complaints.map(({ path, why }) => ({ path: ['targets', name, ...path], why }));
  });
}

/** OAU-08: development users, and plain http, are for this machine only. */
function checkLoopback(file: ConfigFile): readonly Complaint[] {
  const url = new URL(file.url);
  const complaints: Complaint[] = [];
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
    complaints.push({ path: ['url'], why: 'must be https; plain http is for loopback only' });
  }
  if (file.identity.dev && !isLoopbackHost(file.listen.host)) {
    complaints.push({ path: ['identity', 'dev'], why: 'is for a server that listens on loopback only' });
  }
  return complaints;
}

function checkUsers(file: ConfigFile): readonly Complaint[] {
  const users = file.identity.dev?.users ?? [];
  const path = (index: number, key: string) => ['identity', 'dev', 'users', String(index), key];
  const shapes = users.map((user) => flatten(user.name));
  return users.flatMap((user, index) => [
    ...(shapes.indexOf(flatten(user.name)) === index
      ? []
      : [{ path: path(index, 'name'), why: `"${user.name}" is there twice, or looks like another` }]),
    ...(user.same_as === undefined || users.some(({ name }) => name === user.same_as)
      ? []
      : [{ path: path(index, 'same_as'), why: `there is no user "${user.same_as}"` }]),
  ]);
}

/** One place says who people are. */
function checkIdentity({ identity }: ConfigFile): readonly Complaint[] {
  if (identity.dev && identity.oidc)
    return [{ path: ['identity', 'dev'], why: 'cannot be used beside identity.oidc' }];
  if (!identity.dev && !identity.oidc)
    return [{ path: ['identity'], why: 'names nobody: set identity.oidc, or identity.dev for one machine' }];
  if (identity.oidc && !identity.oidc.scopes.includes('openid'))
    return [{ path: ['identity', 'oidc', 'scopes'], why: 'must have "openid" in it' }];
  return [];
}

/** The sample rules give things to groups by names that a company may well have. */
function checkPolicies({ identity, policies }: ConfigFile): readonly Complaint[] {
  if (!identity.oidc || policies !== undefined) return [];
  const why = 'wants "policies", a folder of rules: the samples that come with jit are for trying it';
  return [{ path: ['identity', 'oidc'], why }];
}

function checkWorkloads({ identity }: ConfigFile): readonly Complaint[] {
  const names = identity.workloads.map((workload) => flatten(workload.principal));
  return identity.workloads.flatMap((workload, index) => {
    const path = ['identity', 'workloads', String(index)];
    return [
      ...(Object.keys(workload.claims).includes('sub')
        ? []
        : [{ path: [...path, 'claims'], why: 'must say which "sub" the token has' }]),
      ...(names.indexOf(names[index] ?? '') === index
        ? []
        : [{ path: [...path, 'principal'], why: `"${workload.principal}" is there twice` }]),
    ];
  });
}

/** Set to after the end it would never happen; left out, it simply does not. */
function checkReview(file: ConfigFile): readonly Complaint[] {
  return file.remind_after > file.escalate_after
    ? [{ path: ['remind_after'], why: 'is later than escalate_after' }]
    : [];
}

function checkLogin(file: ConfigFile): readonly Complaint[] {
  const { login } = file;
  return [
    ...(login.device || login.browser ? [] : [{ path: ['login'], why: 'leaves no way of logging in' }]),
    ...(login.idle > login.session ? [{ path: ['login', 'idle'], why: 'is longer than the session' }] : []),
  ];
}
