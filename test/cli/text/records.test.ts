import { describe, expect, it } from 'vitest';
import { formatRecords } from '../../../src/cli/text/records.ts';
import { createTestTerminal } from '../../support/fakes/test-terminal.ts';

const ID = 'req_01m80gxate387gjqpv2vtn3wcv';
const REASON = 'the shop is down and nobody can buy anything at all, says support';
const list = {
  headings: { cells: ['OUTCOME', 'TARGET'], below: ['REQUEST', 'REASON'] },
  records: [{ cells: ['active', 'orders'], below: [ID, REASON] }],
};

function format(columns: number, interactive = true): readonly string[] {
  const terminal = createTestTerminal({ interactive, columns });
  return formatRecords({ terminal }, list).split('\n');
}

describe('a list on a narrow screen', () => {
  const wide = {
    headings: { cells: ['REQUEST', 'WHO', 'TARGET', 'SCOPES', 'FOR', 'APPROVALS'], below: ['REASON'] },
    records: [
      {
        cells: ['vtn3wcv', 'dev', 'orders', 'prod:db.write', '15 min', '0 of 1'],
        below: ['a slow checkout'],
      },
    ],
  };

  it.each([
    [
      60,
      [
        'REQUEST  WHO  TARGET  SCOPES         FOR     APPROVALS',
        'vtn3wcv  dev  orders  prod:db.write  15 min  0 of 1',
        '  a slow checkout',
      ],
    ],
    [
      50,
      [
        'REQUEST  WHO  TARGET  SCOPES         FOR',
        'vtn3wcv  dev  orders  prod:db.write  15 min',
        '  approvals 0 of 1 · a slow checkout',
      ],
    ],
    [
      40,
      [
        'REQUEST  WHO  TARGET  SCOPES',
        'vtn3wcv  dev  orders  prod:db.write',
        '  for 15 min · approvals 0 of 1',
        '  a slow checkout',
      ],
    ],
  ])('of %i columns keeps scope and target whole', (columns, lines) => {
    const terminal = createTestTerminal({ interactive: true, columns });
    expect(formatRecords({ terminal }, wide).split('\n')).toEqual(lines);
  });
});

describe('a list', () => {
  it('is a line for each where that fits, and in a pipe always', () => {
    const [headings, line, ...more] = format(120);
    expect(headings).toMatch(/^OUTCOME {2}TARGET {2}REQUEST +REASON$/);
    expect(line).toMatch(new RegExp(`^active {3}orders {2}${ID} {2}the shop .* support$`));
    expect(more).toEqual([]);
    expect(format(40, false)).toEqual([headings, line]);
  });

  it('has what is only read below what is compared where it does not fit, and cuts a reason before an id', () => {
    expect(format(80)).toEqual(['OUTCOME  TARGET', 'active   orders', `  ${ID}`, `  ${REASON}`]);
    expect(format(40)).toEqual([
      'OUTCOME  TARGET',
      'active   orders',
      `  ${ID}`,
      '  the shop is down and nobody can buy a…',
    ]);
    expect(format(101)).toEqual(['OUTCOME  TARGET', 'active   orders', `  ${ID} · ${REASON}`]);
  });
});
