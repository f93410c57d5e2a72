import type { ValidationError } from '@cedar-policy/cedar-wasm/nodejs';
import type { Catalogue } from '../../core/catalogue.ts';
import { fail } from '../../core/errors.ts';
import { findNearest } from '../../core/scope.ts';
import { environmentOf } from './environment.ts';
import type { Cedar } from './library.ts';
import { type EntityName, formatPlace, listEntityNames, type Rule } from './rule.ts';
import { SCHEMA } from './schema.ts';
import { countLinesBefore } from './split.ts';

type Complaint = { readonly at: string; readonly why: string };

/**
 * Strictly: Cedar's warnings (a rule that can never hold, look-alike letters) are refused as well, and so is a scope or
 * environment that the catalogue does not have, because a forbid with a slip of the pen forbids nothing.
 * Throws `config_invalid` that names the first complaint and lists the others.
 */
export function validateRules(cedar: Cedar, rules: readonly Rule[], catalogue: Catalogue): void {
  const complaints = [
    ...askCedar(cedar, rules),
    ...rules.flatMap((rule) => findUnknownNames(rule, catalogue)),
  ];
  const [first, ...rest] = complaints;
  if (!first) return;
  const others = rest.map(({ at, why }) => `; ${at}: ${why}`).join('');
  throw fail('config_invalid', { at: first.at, why: `${first.why}${others}` });
}

function askCedar(cedar: Cedar, rules: readonly Rule[]): readonly Complaint[] {
  const staticPolicies = Object.fromEntries(rules.map((rule) => [rule.id, rule.text]));
  const answer = cedar.validate({ schema: SCHEMA, policies: { staticPolicies } });
  if (answer.type === 'failure') {
    return [{ at: 'policies', why: answer.errors[0]?.message ?? 'the rules cannot be checked' }];
  }
  const { validationErrors: errors, validationWarnings: warnings } = answer;
  const alone = warnings.filter((warning) => !errors.some((error) => error.policyId === warning.policyId));
  return [...errors, ...alone].map((problem) => describeProblem(problem, rules));
}

function describeProblem({ policyId, error }: ValidationError, rules: readonly Rule[]): Complaint {
  const rule = rules.find((candidate) => candidate.id === policyId);
  const why = [error.message.replace(/^for policy `[^`]*`, /, ''), error.help].filter(Boolean).join('; ');
  if (!rule) return { at: 'policies', why };
  const line = rule.line + countLinesBefore(rule.text, error.sourceLocations?.[0]?.start ?? 0);
  return { at: formatPlace({ file: rule.file, line }), why };
}

function findUnknownNames(rule: Rule, catalogue: Catalogue): readonly Complaint[] {
  const scopes = catalogue.scopes.map((scope) => scope.name);
  const known: Readonly<Record<string, readonly string[]>> = {
    Scope: scopes,
    Environment: [...new Set(scopes.map(environmentOf))],
  };
  return listEntityNames(rule.json).flatMap((name) => describeUnknown(rule, name, known[name.type]));
}

function describeUnknown(
  rule: Rule,
  name: EntityName,
  known: readonly string[] | undefined,
): readonly Complaint[] {
  if (!known || known.includes(name.id)) return [];
  const lines = rule.text.split('\n');
  const found = lines.findIndex((line) => line.includes(`"${name.id}"`));
  const nearest = findNearest(name.id, known);
  const why = `the catalogue has no ${name.type} "${name.id}"${nearest ? `; did you mean "${nearest}"?` : ''}`;
  return [{ at: formatPlace({ file: rule.file, line: rule.line + Math.max(0, found) }), why }];
}
