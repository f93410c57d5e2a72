import { describe, expect, it } from 'vitest';
import { findClosure } from '../../scripts/build/chunks.ts';

const IMPORTS: Readonly<Record<string, readonly string[]>> = {
  main: ['errors', 'terminal'],
  terminal: ['errors'],
  connect: ['wire', 'errors'],
  wire: ['connect'],
};

describe('what a file loads', () => {
  it('is the file, what it imports, what that imports, and nothing twice where imports go round', () => {
    const list = (file: string) => IMPORTS[file] ?? [];
    expect([...findClosure(['main'], list)].toSorted()).toEqual(['errors', 'main', 'terminal']);
    expect([...findClosure(['connect'], list)].toSorted()).toEqual(['connect', 'errors', 'wire']);
  });
});
