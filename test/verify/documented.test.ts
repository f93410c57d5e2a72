import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REFUSAL_STATUS } from '../../src/server/oauth/tokens/presented.ts';
import type { VerifierOptions } from '../../src/verify.ts';
import * as verify from '../../src/verify.ts';
import { projectRoot } from '../support/sources/imports.ts';

/** An option that is not here does not compile. */
const OPTIONS: Readonly<Record<keyof VerifierOptions, true>> = {
  issuer: true,
  audience: true,
  url: true,
  introspection: true,
  events: true,
  dpop: true,
  cacheSeconds: true,
  failClosedAfterSeconds: true,
  claimProof: true,
  onError: true,
  clock: true,
};

const text = readFileSync(join(projectRoot, 'docs/verify.md'), 'utf8');

describe('docs/verify.md', () => {
  it('has every option, and none that is not there', () => {
    const [, table = ''] = /\| option \| is \|\n\|---\|---\|\n((?:\|.*\n)+)/.exec(text) ?? [];
    const named = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
    expect(named).toEqual(Object.keys(OPTIONS));
  });

  it('has every refusal with its status, and every function', () => {
    for (const [error, status] of Object.entries(REFUSAL_STATUS))
      expect(text).toContain(`| ${status} \`${error}\` |`);
    for (const name of Object.keys(verify)) expect(text).toContain(`${name}(`);
  });
});
