import { parseAddress } from '../../../src/adapters/browser.ts';
import type { Browser } from '../../../src/core/ports/processes.ts';

/** A browser that only notes what it would open; what may be opened is the real one's to say. */
export type TestBrowser = Browser & { readonly opened: readonly string[] };

export function createTestBrowser(): TestBrowser {
  const opened: string[] = [];
  return {
    opened,
    open: async (url) => {
      const address = parseAddress(url);
      if (address !== undefined) opened.push(address);
      return address !== undefined;
    },
  };
}
