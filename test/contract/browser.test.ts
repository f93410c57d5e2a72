import { describe, test } from 'vitest';
import { createBrowser } from '../../src/adapters/browser.ts';
import { browserSuite } from '../../src/testing/browser.ts';
import { createTestBrowser } from '../support/browsers/test-browser.ts';
import { placeNotingProgram } from '../support/processes/noting-program.ts';

describe('Browser contract: what the desktop says', () => {
  browserSuite({ test }, async () => {
    const { path, notes, close } = placeNotingProgram();
    return {
      browser: createBrowser({ environment: { BROWSER: path }, platform: 'linux' }),
      opened: async (count) => (await notes(count)).map(([address = '']) => address),
      close,
    };
  });
});

describe('Browser contract: the one of the tests', () => {
  browserSuite({ test }, async () => {
    const browser = createTestBrowser();
    return { browser, opened: async () => browser.opened, close: async () => undefined };
  });
});
