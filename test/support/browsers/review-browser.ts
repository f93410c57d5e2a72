import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { Asker } from '../../../src/broker/parts.ts';
import { COOKIE, type ReviewStage } from '../reviews/stage.ts';
import { openPage, type View } from './browser.ts';

type Visit = {
  readonly browser: Browser;
  readonly stage: ReviewStage;
  readonly asker: Asker;
  readonly view?: Partial<View>;
  readonly context?: BrowserContextOptions;
};

/** A page of a browser in which somebody is logged in. */
export async function visit({ browser, stage, asker, view = {}, context = {} }: Visit): Promise<Page> {
  const page = await openPage(browser, view, context);
  await page
    .context()
    .addCookies([
      { name: COOKIE, value: await stage.enter(asker), url: stage.url, httpOnly: true, sameSite: 'Lax' },
    ]);
  return page;
}
