import { measurePage, openFullInbox } from '../test/support/reviews/full-inbox.ts';

// The inbox page with 1,000 pending requests: `node scripts/build.ts && node bench/inbox.ts`. Budget: the median of 50 is
// under 100 ms. What is measured is the whole answer over loopback, which is more than the server's own time.

const ROUNDS = 50;
const PATHS = ['/inbox', '/inbox?page=10', '/inbox?q=eng-77', '/inbox?q=nothing'];

await using inbox = await openFullInbox();
const browser = await inbox.browse();
console.log(`${inbox.requests} pending requests of ${inbox.people} people`);
for (const path of PATHS) {
  const times = await measurePage(inbox, { browser, address: inbox.url + path, rounds: ROUNDS });
  for (const [name, sorted] of Object.entries(times)) {
    const at = (share: number) => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1);
    console.log(`${path.padEnd(20)} ${name}: median ${at(0.5)}, 95 % ${at(0.95)}, most ${at(1)}`);
  }
}
