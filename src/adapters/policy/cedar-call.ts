import type { AuthorizationCall } from '@cedar-policy/cedar-wasm/nodejs';
import type { Placed } from './head.ts';
import type { PolicyInput } from './input.ts';
import type { Action } from './schema.ts';

const TYPES = { person: 'Person', workload: 'Workload' } as const;

/** Who asks, as the heads of rules see it. */
export function placePrincipal(principal: PolicyInput['principal']): Placed {
  return {
    self: { type: TYPES[principal.kind], id: principal.subject },
    parents: principal.groups.map((id) => ({ type: 'Group', id })),
  };
}

/** What is asked for, as the heads of rules see it. */
export function placeScope(scope: Pick<PolicyInput['scope'], 'name' | 'environment'>): Placed {
  return {
    self: { type: 'Scope', id: scope.name },
    parents: [{ type: 'Environment', id: scope.environment }],
  };
}

/**
 * The input in Cedar's form. Only two entities are passed, and of groups and context only what some rule names,
 * everything where `contextNames` is undefined: each costs time, and what no rule names can make no difference.
 */
export function buildCall(
  action: Action,
  input: PolicyInput,
  named: {
    readonly groups: ReadonlySet<string>;
    readonly contextNames?: ReadonlySet<string> | undefined;
  },
): Omit<AuthorizationCall, 'policies'> {
  const { principal, scope, context } = input;
  const groups = principal.groups.filter((group) => named.groups.has(group));
  const who = placePrincipal({ ...principal, groups });
  const what = placeScope(scope);
  return {
    principal: who.self,
    action: { type: 'Action', id: action },
    resource: what.self,
    context: buildContext(context, named.contextNames),
    entities: [
      { uid: who.self, attrs: { kind: principal.kind }, parents: [...who.parents] },
      {
        uid: what.self,
        attrs: { name: scope.name, sensitivity: scope.sensitivity },
        parents: [...what.parents],
      },
    ],
  };
}

function buildContext(
  context: PolicyInput['context'],
  names: ReadonlySet<string> | undefined,
): AuthorizationCall['context'] {
  const complete: AuthorizationCall['context'] = {
    ...context,
    login: { ...context.login, strengths: [...context.login.strengths] },
    now: { __extn: { fn: 'datetime', arg: context.now } },
    ip: { __extn: { fn: 'ip', arg: context.ip } },
  };
  if (!names) return complete;
  return Object.fromEntries(Object.entries(complete).filter(([name]) => names.has(name)));
}
