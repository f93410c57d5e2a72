import type { PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { Obligations } from '../../core/decision.ts';

/** The text of one file of rules; `name` stands in every complaint about it. */
export type PolicyFile = { readonly name: string; readonly text: string };

/** One rule as it stands in its file. `line` counts from 1. */
export type RuleText = { readonly file: string; readonly line: number; readonly text: string };

/** What the annotations of a rule say. */
export type RuleNotes = {
  readonly id: string;
  readonly description: string | null;
  readonly advice: string | null;
  readonly obligations: Obligations;
};

/** `json` is Cedar's own form of the rule. */
export type Rule = RuleText & RuleNotes & { readonly json: Readonly<PolicyJson> };

export type EntityName = { readonly type: string; readonly id: string };

/** Where in the files: `reads.cedar:12`. */
export function formatPlace(place: Pick<RuleText, 'file' | 'line'>): string {
  return `${place.file}:${place.line}`;
}

/** Every entity that a rule names, in its head or in its conditions. */
export function listEntityNames(value: unknown): readonly EntityName[] {
  if (value === null || typeof value !== 'object') return [];
  if (isEntityName(value)) return [value];
  return Object.values(value).flatMap(listEntityNames);
}

function isEntityName(value: object): value is EntityName {
  return 'type' in value && 'id' in value && typeof value.type === 'string' && typeof value.id === 'string';
}
