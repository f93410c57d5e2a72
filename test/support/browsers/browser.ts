import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const PROGRAM = process.env.JIT_TEST_CHROMIUM ?? '/usr/bin/chromium';
const OUTPUT = new URL('../../../test-output/', import.meta.url);
const SWITCHES = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** What the pages are looked at in: a phone and a desk, by day and by night. */
export const VIEWS = [360, 1280].flatMap((width) =>
  (['light', 'dark'] as const).map((scheme) => ({ width, scheme, name: `${width}-${scheme}` })),
);
export type View = (typeof VIEWS)[number];

/** Is there a browser? Where tests may not be skipped, the answer is yes, and a missing one fails. */
export function hasBrowser(): boolean {
  if (existsSync(PROGRAM) || process.env.JIT_TEST_NO_SKIP === '1') return true;
  console.warn(`skipped: no browser at ${PROGRAM}`);
  return false;
}

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: PROGRAM, headless: true, args: SWITCHES });
}

/** A page of its own, without cookies; script runs for the test's own looking only. */
export async function openPage(
  browser: Browser,
  view: Partial<View> = {},
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({
    ...options,
    viewport: { width: view.width ?? 1280, height: view.width === 360 ? 740 : 900 },
    colorScheme: view.scheme ?? 'light',
  });
  return context.newPage();
}

/** Keeps what the page looks like, for people. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  await mkdir(OUTPUT, { recursive: true });
  await page.screenshot({ path: new URL(`${name}.png`, OUTPUT).pathname, fullPage: true });
}

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

type Violation = {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
};

/** What axe finds wrong with the page, in every rule it has but the experimental ones; empty is right. */
export async function findViolations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  const violations = (await page.evaluate('axe.run().then((result) => result.violations)')) as Violation[];
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`),
  );
}
