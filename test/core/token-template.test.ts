import { describe, expect, it } from 'vitest';
import { fillTemplate, listUnknownPlaceholders } from '../../src/core/token-template.ts';

const fill = (template: string): string => fillTemplate(template, (name) => `<${name}>`);

describe('a template', () => {
  it.each([
    ['{token_file}', '<token_file>'],
    ['{grant_id}:{scopes}:{expires_at}:{token}', '<grant_id>:<scopes>:<expires_at>:<token>'],
    ['{ "file": "{token_file}" }', '{ "file": "<token_file>" }'],
    ['{"a":{"b":{token}}}', '{"a":{"b":<token>}}'],
    ['{{token}}', '{token}'],
    ['{{anything}}', '{anything}'],
    ['{}{ }{"}{1}', '{}{ }{"}{1}'],
    ['', ''],
  ])('%j is filled in as %j', (template, text) => {
    expect(fill(template)).toBe(text);
    expect(listUnknownPlaceholders(template)).toEqual([]);
  });

  it('does not look into what it has put in', () => {
    expect(fillTemplate('{token}', () => '{grant_id}')).toBe('{grant_id}');
  });

  it('asks for nothing that it does not name', () => {
    expect(
      fillTemplate('plain', () => {
        throw new Error('asked');
      }),
    ).toBe('plain');
  });

  it.each([
    ['{tokn}', ['tokn']],
    ['{TOKEN}', ['TOKEN']],
    ['{token_file} {home} {{user}} {constructor}', ['home', 'constructor']],
  ])('%j has names that stand for nothing', (template, names) => {
    expect(listUnknownPlaceholders(template)).toEqual(names);
  });
});
