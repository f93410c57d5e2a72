import type { EntityUidJson, PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { EntityName } from './rule.ts';
import { ACTIONS, type Action } from './schema.ts';

type Json = Readonly<PolicyJson>;

/** An entity as the head of a rule sees it: itself and everything that it is in. */
export type Placed = { readonly self: EntityName; readonly parents: readonly EntityName[] };

/** The actions that the head of a rule lets through. */
export function listActions(json: Json): readonly Action[] {
  const head = json.action;
  if (head.op === 'All') return ACTIONS;
  const named = head.op === '==' ? [head] : 'entities' in head ? head.entities.map(wrap) : [head];
  const ids = named.flatMap((item) => ('entity' in item ? [nameOf(item.entity).id] : []));
  return ACTIONS.filter((action) => ids.includes(action));
}

/**
 * Does the head of the rule let this principal or resource through? Where it does not, Cedar does not look at the
 * conditions either, so leaving such a rule out changes nothing, not even its errors. In doubt the answer is yes.
 */
export function matchesHead(head: Json['principal'] | Json['resource'], placed: Placed): boolean {
  if (head.op === '==') return !('entity' in head) || isSame(nameOf(head.entity), placed.self);
  if (head.op === 'in') return !('entity' in head) || isWithin(placed, nameOf(head.entity));
  if (head.op !== 'is') return true;
  if (head.entity_type !== placed.self.type) return false;
  return !head.in || !('entity' in head.in) || isWithin(placed, nameOf(head.in.entity));
}

/** Whom the head names, as people read it: `the group dba`; undefined where it is nobody by name. */
export function nameHead(head: Json['principal']): string | undefined {
  const uid = head.op === 'is' ? head.in : head;
  if (uid === undefined || !('entity' in uid)) return undefined;
  const { type, id } = nameOf(uid.entity);
  return type === 'Group' ? `the group ${id}` : id;
}

function isWithin(placed: Placed, name: EntityName): boolean {
  return isSame(name, placed.self) || placed.parents.some((parent) => isSame(parent, name));
}

function isSame(left: EntityName, right: EntityName): boolean {
  return left.type === right.type && left.id === right.id;
}

function nameOf(uid: EntityUidJson): EntityName {
  return '__entity' in uid ? uid.__entity : uid;
}

function wrap(entity: EntityUidJson): { readonly entity: EntityUidJson } {
  return { entity };
}
