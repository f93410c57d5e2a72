import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../until.ts';

/** A program in a folder of its own that notes what it is called with. */
export type NotingProgram = {
  readonly folder: string;
  readonly path: string;
  /** The arguments of each call, as soon as there were so many calls. */
  readonly notes: (count: number) => Promise<readonly (readonly string[])[]>;
  readonly close: () => Promise<void>;
};

/** Each call adds a line to the note, in one write. */
const NOTING = 'appendFileSync(note, JSON.stringify(process.argv.slice(2)) + "\\n")';

export function placeNotingProgram(): NotingProgram {
  const folder = mkdtempSync(join(tmpdir(), 'jit-noting-'));
  const [path, note] = [join(folder, 'program.mjs'), join(folder, 'note')];
  const head = `#!${process.execPath}\nimport { appendFileSync } from 'node:fs';`;
  writeFileSync(path, `${head}\nconst note = ${JSON.stringify(note)};\n${NOTING};\n`, { mode: 0o755 });
  const read = () => (existsSync(note) ? readFileSync(note, 'utf8').split('\n').filter(Boolean) : []);
  return {
    folder,
    path,
    notes: async (count) => {
      const lines = await until('noted', async () => (read().length >= count ? read() : undefined));
      return lines.map((line) => JSON.parse(line) as readonly string[]);
    },
    close: async () => rmSync(folder, { recursive: true }),
  };
}
