import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot, readSources } from '../support/sources/imports.ts';

const DOCUMENT = 'docs/requirements.md';
const MARK = /\b(?:[A-Z]{3}-\d\d|[IS]\d{1,2})\b/g;
/** What looks like a mark, and is none. */
const OTHERS = ['UTF-16'];
const ROW = /^\| ([A-Z0-9-]+) \| (.+) \| (.+) \|$/gm;

type Requirement = { readonly mark: string; readonly tests: readonly string[] };

function readRequirements(): readonly Requirement[] {
  const text = readFileSync(join(projectRoot, DOCUMENT), 'utf8');
  return [...text.matchAll(ROW)]
    .map(([, mark = '', , tests = '']) => ({ mark, tests: [...tests.matchAll(/`([^`]+)`/g)].map(readFirst) }))
    .filter(({ tests }) => tests.length > 0);
}

function readFirst([, first = '']: RegExpMatchArray): string {
  return first;
}

function listMarks(text: string): readonly string[] {
  return (text.match(MARK) ?? []).filter((mark) => !OTHERS.includes(mark));
}

function readDocuments(): readonly { readonly path: string; readonly text: string }[] {
  return readdirSync(join(projectRoot, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name))
    .map((path) => ({ path, text: readFileSync(join(projectRoot, path), 'utf8') }));
}

const requirements = readRequirements();
const defined = requirements.map(({ mark }) => mark);
const files = ['src', 'test', 'bench'].flatMap(readSources);
const tests = files.filter(({ path }) => /\.test\.tsx?$|^src\/testing\//.test(path));

describe(DOCUMENT, () => {
  it('defines every mark once', () => {
    expect(defined.length).toBeGreaterThan(60);
    expect(defined).toEqual([...new Set(defined)]);
  });

  it('defines every mark that a source, a test or a document cites', () => {
    const unknown = [...files, ...readDocuments()].flatMap(({ path, text }) =>
      listMarks(text)
        .filter((mark) => !defined.includes(mark))
        .map((mark) => `${path}: ${mark}`),
    );
    expect(unknown).toEqual([]);
  });

  it('defines none that no test is named after', () => {
    const named = new Set(
      tests.flatMap(({ text }) => text.match(/['"`](?:[A-Z]{3}-|[IS])\d.*?:/g) ?? []).flatMap(listMarks),
    );
    expect(defined.filter((mark) => !named.has(mark))).toEqual([]);
  });

  it('leads to tests that are there, and name the mark', () => {
    const wrong = requirements.flatMap((requirement) =>
      requirement.tests
        .filter((path) => {
          const text = tests.find((file) => file.path === path)?.text ?? '';
          return !listMarks(text).includes(requirement.mark);
        })
        .map((path) => `${requirement.mark}: ${path}`),
    );
    expect(wrong).toEqual([]);
  });
});
