import { fail } from '../../core/errors.ts';
import { readNotes } from './annotations.ts';
import type { Cedar } from './library.ts';
import { formatPlace, type PolicyFile, type Rule, type RuleText } from './rule.ts';
import { splitRules } from './split.ts';

/** The rules of all files. Throws `config_invalid` with file and line for what is not a rule of jit. */
export function loadRules(cedar: Cedar, files: readonly PolicyFile[]): readonly Rule[] {
  const rules = files.flatMap((file) => splitRules(cedar, file)).map((text) => readRule(cedar, text));
  requireUniqueIds(rules);
  return rules;
}

function readRule(cedar: Cedar, text: RuleText): Rule {
  const answer = cedar.policyToJson(text.text);
  if (answer.type === 'failure') {
    const why = answer.errors[0]?.message ?? 'this is not a rule';
    throw fail('config_invalid', { at: formatPlace(text), why });
  }
  const notes = readNotes(answer.json);
  if ('why' in notes) throw fail('config_invalid', { at: placeOf(text, notes.annotation), why: notes.why });
  return { ...text, ...notes, json: answer.json };
}

function placeOf(rule: RuleText, annotation: string | null): string {
  const lines = rule.text.split('\n');
  const found = annotation === null ? 0 : lines.findIndex((line) => line.includes(`@${annotation}`));
  return formatPlace({ file: rule.file, line: rule.line + Math.max(0, found) });
}

function requireUniqueIds(rules: readonly Rule[]): void {
  const seen = new Map<string, Rule>();
  for (const rule of rules) {
    const first = seen.get(rule.id);
    if (first) {
      const why = `@id("${rule.id}") is taken by the rule at ${formatPlace(first)}`;
      throw fail('config_invalid', { at: placeOf(rule, 'id'), why });
    }
    seen.set(rule.id, rule);
  }
}
