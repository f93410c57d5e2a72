import { describe, expect, it } from 'vitest';
import { openCedarPolicy } from '../../../src/adapters/policy/cedar.ts';
import { hasCode } from '../../../src/core/errors.ts';
import { ask, CATALOGUE, openRules } from './questions.ts';

const HEAD = '(principal, action == Action::"activate", resource)';
const REQUEST = '(principal, action == Action::"request", resource)';
const ANY = `permit ${HEAD}`;

async function complaintOf(text: string): Promise<string> {
  const error = await openRules(text).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!hasCode(error, 'config_invalid')) throw new Error(`expected config_invalid for ${text}, got ${error}`);
  return error.message;
}

describe('what is not a rule is refused with file, line and reason', () => {
  it.each([
    ['text that is not Cedar', `// é\n@id("a") ${ANY}\n  when { 1 + };`, /^rules\.cedar:3: unexpected token/],
    [
      'an attribute that does not exist',
      `\n\n@id("a")\n${ANY}\nwhen { context.hour > 3 };`,
      /^rules\.cedar:5: .*hour/,
    ],
    [
      'the second of two rules',
      `@id("a") ${ANY}; // x\n\n@id("b")\n${ANY} when { context.ip };`,
      /^rules\.cedar:4: /,
    ],
    ['an unknown action', '@id("a") permit (principal, action == Action::"use", resource);', /:1: .*"use"/],
    ['a comparison of unlike things', `@id("a") ${ANY} when { context.target == 3 };`, /:1: /],
    ['a rule that can never hold', `@id("a") forbid ${HEAD} when { false };`, /:1: .*impossible/],
    [
      'a workload as approver',
      '@id("a") permit (principal is Workload, action == Action::"approve", resource);',
      /:1: /,
    ],
    ['look-alike letters', `@id("a") ${ANY} when { context.target == "оrders" };`, /:1: .*mixed scripts/],
    ['a template', '\n@id("a") permit (principal == ?principal, action, resource);', /:2: templates/],
    ['a byte order mark', `\uFEFF@id("a") ${ANY};`, /:1: /],
    ['a rule without @id', `\n${ANY};`, /:2: this rule has no @id/],
    ['an @id with a space', `@id("a b") ${ANY};`, /:1: @id\("a b"\): write/],
    ['an @id without brackets', `@id ${ANY};`, /:1: @id\(""\): write/],
    ['an @id twice in a rule', `@id("a") @id("b") ${ANY};`, /:1: duplicate annotation/],
    [
      'an @id twice in a file',
      `@id("a") ${ANY};\n\n@id("a") ${ANY};`,
      /:3: @id\("a"\) is taken by .*rules\.cedar:1$/,
    ],
    [
      'an unknown annotation',
      `@id("a")\n@aprovals("2")\npermit ${REQUEST};`,
      /:2: there is no annotation @aprovals/,
    ],
    [
      'approvals of none',
      `@id("a")\n@approvals("0") permit ${REQUEST};`,
      /:2: @approvals\("0"\): write how many/,
    ],
    ['approvals in words', `@id("a") @approvals("two") permit ${REQUEST};`, /@approvals\("two"\)/],
    [
      'approvals on an activation',
      `@id("a")\n@approvals("2")\n${ANY};`,
      /:2: @approvals belongs on rules for request/,
    ],
    [
      'approvals on any action',
      '@id("a") @approvals("2") permit (principal, action, resource);',
      /@approvals belongs/,
    ],
    [
      'approvals on a forbid',
      `@id("a") @approvals("2") forbid ${REQUEST};`,
      /@approvals means nothing on a forbid/,
    ],
    [
      'approvers with a gap',
      `@id("a") @approvers("dba,,security") permit ${REQUEST};`,
      /@approvers\("dba,,security"\)/,
    ],
    ['approvers without a name', `@id("a") @approvers permit ${REQUEST};`, /@approvers\(""\)/],
    ['a demand that is "false"', `@id("a") @needs_reason("false") ${ANY};`, /@needs_reason\("false"\)/],
    ['a length below one', `@id("a") @reason_length("-1") ${ANY};`, /@reason_length\("-1"\)/],
    [
      'a demand on approving',
      '@id("a") @needs_ticket permit (principal, action == Action::"approve", resource);',
      /@needs_ticket belongs/,
    ],
    ['empty advice', `@id("a") @advice(" ") ${ANY};`, /@advice\(" "\)/],
  ])('%s', async (_, text, complaint) => {
    expect(await complaintOf(text)).toMatch(complaint);
  });

  it('a scope that the catalogue does not have, with the nearest', async () => {
    const text = '@id("a") forbid (principal, action,\n resource == Scope::"prod:db.raed");';
    expect(await complaintOf(text)).toBe(
      'rules.cedar:2: the catalogue has no Scope "prod:db.raed"; did you mean "prod:db.read"?',
    );
  });

  it('an environment that the catalogue does not have, also in a condition', async () => {
    const text = `@id("a") forbid ${HEAD} unless { resource in Environment::"prd" };`;
    expect(await complaintOf(text)).toMatch(/no Environment "prd"; did you mean "prod"\?/);
  });

  it('every complaint of the schema at once', async () => {
    const text = `@id("a") ${ANY} when { context.hour > 3 };\n@id("b") ${ANY} when { context.day > 3 };`;
    expect(await complaintOf(text)).toMatch(/^rules\.cedar:1: .*; rules\.cedar:2: .*day/);
  });

  it('a rule nested so deeply that Cedar crashes', async () => {
    const text = `@id("a") ${ANY} when { ${'('.repeat(20_000)}true${')'.repeat(20_000)} };`;
    expect(await complaintOf(text)).toMatch(/^rules\.cedar: .*nested/);
  });

  it('an @id that another file has', async () => {
    const files = [
      { name: 'a.cedar', text: `@id("x") ${ANY};` },
      { name: 'b.cedar', text: `\n@id("x") ${ANY};` },
    ];
    await expect(openCedarPolicy({ files, catalogue: CATALOGUE })).rejects.toThrow(
      'b.cedar:2: @id("x") is taken by the rule at a.cedar:1',
    );
  });
});

describe('where a rule stands', () => {
  it('is found although the same rule is there commented out, and after ten others', async () => {
    const others = Array.from({ length: 11 }, (_, index) => `@id("r${index}") ${ANY};`).join('\n');
    const wrong = `@id("z") ${ANY} when { context.hour > 3 };`;
    expect(await complaintOf(`${others}\n// ${wrong}\n/**/ // ${wrong}`)).toMatch(/:13: /);
    expect(await complaintOf(`${others}\n// ${wrong}\n\n${wrong}`)).toMatch(/^rules\.cedar:14: /);
  });

  it('is not confused by // inside a string', async () => {
    const text = `@id("a") @advice("see https://wiki") ${ANY};\n@id("b") ${ANY} when { context.hour > 3 };`;
    expect(await complaintOf(text)).toMatch(/^rules\.cedar:2: /);
  });
});

describe('the version of the policy', () => {
  const files = [
    { name: 'a.cedar', text: `@id("a") ${ANY};` },
    { name: 'b.cedar', text: `@id("b") ${ANY};` },
  ];
  const versionOf = async (list: typeof files) =>
    (await openCedarPolicy({ files: list, catalogue: CATALOGUE })).version;

  it('does not depend on the order of the files', async () => {
    expect(await versionOf(files)).toBe(await versionOf(files.toReversed()));
  });

  it('changes with a single character', async () => {
    const changed = files.map((file) => ({ ...file, text: `${file.text} ` }));
    expect(await versionOf(changed)).not.toBe(await versionOf(files));
  });
});

it('rules whose heads name several actions or groups count for each', async () => {
  const engine = await openRules(`
    @id("a") permit (principal is Person in Group::"engineers", action in [Action::"activate", Action::"extend"],
      resource is Scope in Environment::"prod");`);
  expect(engine.decide(ask({ purpose: 'extend' })).outcome).toBe('automatic');
  expect(engine.decide(ask({ kind: 'workload' })).outcome).toBe('denied');
  expect(engine.decide(ask({ purpose: 'break_glass' })).outcome).toBe('denied');
});
