import { describe, expect, it } from 'vitest';
import { formatTable } from '../../src/core/table.ts';

describe('formatTable', () => {
  it('aligns columns by what is seen', () => {
    expect(
      formatTable([
        ['SCOPE', 'ON'],
        ['prod:db.read', '支払'],
        ['x', 'orders'],
      ]),
    ).toEqual(['SCOPE         ON', 'prod:db.read  支払', 'x             orders']);
  });

  it('S12: neutralises every cell', () => {
    expect(formatTable([['a\r\x1b[2Jb', 'c\nd']])).toEqual(['a\\r\\x1b[2Jb  c\\nd']);
  });

  it('cuts the widest column until the lines fit', () => {
    const [line] = formatTable([['gr_1', 'a reason that goes on and on', 'orders']], { columns: 30 });
    expect(line).toBe('gr_1  a reason that g…  orders');
    expect(line).toHaveLength(30);
  });

  it('cuts only what is named as prose, and then nothing that is needed whole', () => {
    const row = ['prod:db.read', 'a description', 'orders'];
    expect(formatTable([row], { columns: 29, prose: [1] })).toEqual(['prod:db.read  a descr…  orders']);
    expect(formatTable([row], { columns: 10, prose: [1] })).toEqual(['prod:db.read  a descr…  orders']);
  });

  it('cuts nothing to less than can be read, and nothing at all for a pipe', () => {
    const row = ['reason-one', 'reason-two'];
    expect(formatTable([row], { columns: 5 })).toEqual(['reason-…  reason-…']);
    expect(formatTable([row])).toEqual(['reason-one  reason-two']);
  });

  it('paints after padding, so that codes do not disturb the columns', () => {
    const paint = (text: string): string => `<${text}>`;
    expect(
      formatTable([
        [{ text: 'ok', paint }, 'x'],
        ['longer', 'y'],
      ]),
    ).toEqual(['<ok    >  x', 'longer  y']);
  });

  it('copes with no rows and with short ones', () => {
    expect(formatTable([])).toEqual([]);
    expect(formatTable([['a', 'b'], ['c']])).toEqual(['a  b', 'c']);
  });
});
