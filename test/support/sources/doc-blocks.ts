import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from './imports.ts';

/** The one block of a language in a document, as a reader would copy it. */
export async function readOnlyBlock(document: string, language: string): Promise<string> {
  const text = await readFile(join(projectRoot, document), 'utf8');
  const blocks = [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].filter(([, found]) => found === language);
  const [block, another] = blocks;
  if (!block || another) throw new Error(`${document} has ${blocks.length} blocks of ${language}`);
  return block[2] ?? '';
}
