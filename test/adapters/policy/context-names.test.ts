import { expect, it } from 'vitest';
import { listContextNames } from '../../../src/adapters/policy/context-names.ts';
import { loadCedar } from '../../../src/adapters/policy/library.ts';
import { loadRules } from '../../../src/adapters/policy/load-rules.ts';

const cedar = loadCedar();

function namesIn(...conditions: readonly string[]): readonly string[] | undefined {
  const text = conditions.map(
    (condition, index) => `@id("r${index}") permit (principal, action, resource) ${condition};`,
  );
  const names = listContextNames(loadRules(cedar, [{ name: 'rules.cedar', text: text.join('\n') }]));
  return names && [...names].sort();
}

it('finds what the rules look at, wherever it stands', () => {
  expect(namesIn('', 'when { true }')).toEqual([]);
  expect(
    namesIn(
      'when { context.ip.isInRange(ip("10.0.0.0/8")) && !(context.local.weekday > 5) }',
      'unless { if context.ticket.known then [context.target].contains("x") else 1 + context.reason_length > 2 }',
    ),
  ).toEqual(['ip', 'local', 'reason_length', 'target', 'ticket']);
  expect(namesIn('when { context["login"]["method"] == "device" }')).toEqual(['login']);
  expect(namesIn('when { context has now }')).toEqual(['now']);
});

it('does not choose where a rule uses the context as a whole', () => {
  expect(namesIn('when { context.target == "x" }', 'when { context == {} }')).toBeUndefined();
  expect(namesIn('when { context has ticket.known }')).toBeUndefined();
  expect(namesIn('when { {whole: context}.whole.target == "x" }')).toBeUndefined();
  expect(namesIn('when { (if true then context else context).target == "x" }')).toBeUndefined();
});
