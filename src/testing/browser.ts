import { deepEqual, equal } from 'node:assert/strict';
import type { Browser } from '../core/ports/processes.ts';
import type { SuiteRunner } from './suite.ts';

/** A browser on a desktop that has one. */
export type BrowserUnderTest = {
  readonly browser: Browser;
  /** The addresses that were opened, as soon as there are so many of them. */
  readonly opened: (count: number) => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
};

const PAGE = 'https://jit.example.com/device?user_code=BCDF-GHJK';
const OPENED = [PAGE, 'http://localhost:7420/device', 'http://127.0.0.1:7420/', 'http://[::1]:7420/'];
const REFUSED = [
  'http://jit.example.com/',
  'http://127.0.0.1.evil.example/',
  'http://localhost.evil.example/',
  'https://user:pass@jit.example.com/',
  'file:///etc/passwd',
  'javascript:alert(1)',
  '--help',
  'jit.example.com',
  '',
];

/** What every `Browser` does. `open` makes a fresh one for each test. */
export function browserSuite(runner: SuiteRunner, open: () => Promise<BrowserUnderTest>): void {
  const test = (name: string, body: (world: BrowserUnderTest) => Promise<void>) =>
    runner.test(name, async () => {
      const world = await open();
      try {
        await body(world);
      } finally {
        await world.close();
      }
    });

  for (const address of OPENED) {
    test(`DEV-09: opens ${address}, and says so`, async ({ browser, opened }) => {
      equal(await browser.open(address), true);
      deepEqual(await opened(1), [address]);
    });
  }

  test('DEV-09: opens nothing but https and this machine, and never fails', async ({ browser, opened }) => {
    for (const address of REFUSED) equal(await browser.open(address), false, address);
    equal(await browser.open(PAGE), true);
    deepEqual(await opened(1), [PAGE]);
  });

  test('opens each address that it is given', async ({ browser, opened }) => {
    for (const address of [PAGE, PAGE]) equal(await browser.open(address), true);
    deepEqual(await opened(2), [PAGE, PAGE]);
  });
}
