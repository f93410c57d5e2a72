import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../until.ts';

/** The program starts, finds the server, and opens a port. */
const PATIENCE_MS = 20_000;

/** A `$BROWSER` that only notes where it was sent, so that a test goes there with a browser of its own. */
export type WaitingBrowser = {
  readonly environment: { readonly BROWSER: string };
  /** The address that it was given; the next call waits for the next one. */
  wasSentTo(): Promise<string>;
};

export async function makeWaitingBrowser(folder: string): Promise<WaitingBrowser> {
  const program = join(folder, 'browser');
  const note = join(folder, 'browser-address');
  await writeFile(program, `#!/bin/sh\nprintf '%s' "$1" > '${note}.part' && mv '${note}.part' '${note}'\n`);
  await chmod(program, 0o700);
  return {
    environment: { BROWSER: program },
    wasSentTo: async () => {
      const address = await until(
        'sent anywhere',
        () => readFile(note, 'utf8').catch(() => undefined),
        PATIENCE_MS,
      );
      await rm(note);
      return address;
    },
  };
}
