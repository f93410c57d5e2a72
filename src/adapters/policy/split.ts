import type { DetailedError, PolicySetTextToPartsAnswer } from '@cedar-policy/cedar-wasm/nodejs';
import { fail } from '../../core/errors.ts';
import { type Cedar, failCrashed } from './library.ts';
import { formatPlace, type PolicyFile, type RuleText } from './rule.ts';

/** A file's rules with the lines they begin on. Throws `config_invalid` where the text is not Cedar. */
export function splitRules(cedar: Cedar, file: PolicyFile): readonly RuleText[] {
  const answer = parseText(cedar, file);
  if (answer.type === 'failure') throw notCedar(file, answer.errors);
  const [template] = answer.policy_templates;
  if (template !== undefined) {
    const at = formatPlace(placeRules(file, [template])[0] ?? { file: file.name, line: 1 });
    throw fail('config_invalid', { at, why: 'templates (?principal, ?resource) are not used here' });
  }
  return placeRules(file, inFileOrder(answer.policies));
}

/** How many lines precede the byte at which Cedar places something. */
export function countLinesBefore(text: string, bytes: number): number {
  return Buffer.from(text)
    .subarray(0, bytes)
    .filter((byte) => byte === 0x0a).length;
}

function parseText(cedar: Cedar, file: PolicyFile): PolicySetTextToPartsAnswer {
  try {
    return cedar.policySetTextToParts(file.text);
  } catch (error) {
    throw failCrashed(file.name, error);
  }
}

// Cedar numbers the rules of a text from 0 and answers them sorted by that number as a string.
function inFileOrder(parts: readonly string[]): readonly string[] {
  const sorted = parts.map((_, index) => index).sort((left, right) => (`${left}` < `${right}` ? -1 : 1));
  return parts
    .map((text, place) => ({ text, index: sorted[place] ?? 0 }))
    .sort((left, right) => left.index - right.index)
    .map((part) => part.text);
}

function placeRules(file: PolicyFile, texts: readonly string[]): readonly RuleText[] {
  const searched = blankComments(file.text);
  let from = 0;
  return texts.map((text) => {
    const start = Math.max(from, searched.indexOf(blankComments(text), from));
    from = start + text.length;
    return { file: file.name, line: file.text.slice(0, start).split('\n').length, text };
  });
}

// A rule that is also there commented out would otherwise be found in the comment.
function blankComments(text: string): string {
  return text.replace(/"(?:\\.|[^"\\])*"|\/\/[^\n]*/g, (found) =>
    found.startsWith('//') ? ' '.repeat(found.length) : found,
  );
}

function notCedar(file: PolicyFile, errors: readonly DetailedError[]): Error {
  const [first] = errors;
  const line = countLinesBefore(file.text, first?.sourceLocations?.[0]?.start ?? 0) + 1;
  const why = [first?.message ?? 'this is not Cedar', first?.help].filter(Boolean).join('; ');
  return fail('config_invalid', { at: formatPlace({ file: file.name, line }), why });
}
