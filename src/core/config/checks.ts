import { findNearest } from '../scope.ts';
import { isLoopbackHost } from './address.ts';
import type { Complaint } from './complaint.ts';
import type { ConfigFile } from './schema.ts';

type Check = (file: ConfigFile) => readonly Complaint[];

/** Everything that is wrong between settings that are each right alone. */
export function checkConfig(file: ConfigFile): readonly Complaint[] {
  return CHECKS.flatMap((check) => check(file));
}

const CHECKS: readonly Check[] = [
  checkTargetsExist,
  checkDurations,
  checkMembership,
  checkLoopback,
  checkUsers,
  checkLogin,
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

/** A scope that covers a database names its roles there; a role list for a scope that does not is a slip. */
function checkMembership(file: ConfigFile): readonly Complaint[] {
  return Object.entries(file.targets).flatMap(([name, target]) => {
    if (target.kind !== 'postgres') return [];
    const path = ['targets', name, 'member_of'];
    const covering = Object.keys(file.scopes).filter((scope) => file.scopes[scope]?.targets.includes(name));
    const listed = Object.keys(target.member_of);
    return [
      ...listed
        .filter((scope) => !covering.includes(scope))
        .map((scope) => ({ path: [...path, scope], why: `no scope ${scope} covers ${name}` })),
      ...covering
        .filter((scope) => !listed.includes(scope))
        .map((scope) => ({ path, why: `names no role for ${scope}` })),
    ];
  });
}

/** OAU-08: development users, and plain http, are for this machine only. */
function checkLoopback(file: ConfigFile): readonly Complaint[] {
  const url = new URL(file.url);
  const complaints: Complaint[] = [];
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
    complaints.push({ path: ['url'], why: 'must be https; plain http is for loopback only' });
  }
  if (!isLoopbackHost(file.listen.host)) {
    complaints.push({ path: ['identity', 'dev'], why: 'is for a server that listens on loopback only' });
  }
  return complaints;
}

function checkUsers(file: ConfigFile): readonly Complaint[] {
  const names = file.identity.dev.users.map((user) => user.name.toLowerCase());
  return names.flatMap((name, index) =>
    names.indexOf(name) === index
      ? []
      : [{ path: ['identity', 'dev', 'users', String(index), 'name'], why: `"${name}" is there twice` }],
  );
}

function checkLogin(file: ConfigFile): readonly Complaint[] {
  const { login } = file;
  return [
    ...(login.device || login.browser ? [] : [{ path: ['login'], why: 'leaves no way of logging in' }]),
    ...(login.idle > login.session ? [{ path: ['login', 'idle'], why: 'is longer than the session' }] : []),
  ];
}
