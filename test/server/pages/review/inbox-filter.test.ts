import { describe, expect, it } from 'vitest';
import { viewRequests } from '../../../../src/broker/view/view.ts';
import { INBOX_ROWS_PER_PAGE } from '../../../../src/core/limits.ts';
import { selectInbox } from '../../../../src/server/pages/review/inbox/filter.ts';
import { readPageNumber } from '../../../../src/server/pages/review/part.ts';
import { openTestBroker } from '../../../support/broker.ts';

const broker = await openTestBroker();
broker.policy.outcome = 'needs_people';
const [one] = await viewRequests(broker, [await broker.ask({ reason: 'slow checkout', ticket: 'INC-1' })]);
if (!one) throw new Error('there is one');
const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ ...one, id: `req_${index}`, requestedBy: `eng-${index}` }));

describe('the part of an inbox that one page shows', () => {
  it('is cut into pages, and what is overdue stands on the first', () => {
    const inbox = { requests: numbered(INBOX_ROWS_PER_PAGE + 1), afterwards: [one] };
    const first = selectInbox(inbox, { filter: '', page: 1 });
    expect([first.requests.length, first.afterwards.length, first.pages, first.total]).toEqual([
      INBOX_ROWS_PER_PAGE,
      1,
      2,
      INBOX_ROWS_PER_PAGE + 2,
    ]);
    const second = selectInbox(inbox, { filter: '', page: 2 });
    expect([second.requests.map(({ id }) => id), second.afterwards, second.first]).toEqual([
      [`req_${INBOX_ROWS_PER_PAGE}`],
      [],
      INBOX_ROWS_PER_PAGE + 1,
    ]);
    expect(selectInbox(inbox, { filter: '', page: 99 }).page).toBe(2);
  });

  it('is filtered over all pages', () => {
    const inbox = { requests: numbered(250), afterwards: [] };
    const found = selectInbox(inbox, { filter: 'eng-249', page: 1 });
    expect([found.found, found.requests.map(({ id }) => id)]).toEqual([1, ['req_249']]);
  });

  it.each(['DEV', 'prod:db.read', 'orders', 'checkout slow', 'inc-1', '  '])('finds "%s"', (filter) => {
    expect(selectInbox({ requests: [one], afterwards: [] }, { filter, page: 1 }).found).toBe(1);
  });

  it('takes what is no page number for the first', () => {
    const numbers = [undefined, '', '0', '-1', '2', '1e3', '99999', '007'].map(readPageNumber);
    expect(numbers).toEqual([1, 1, 1, 1, 2, 1, 1, 1]);
  });
});
