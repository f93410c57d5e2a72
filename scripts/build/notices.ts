import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The licence texts of every package that was bundled: most of them ask that it travels along. */
export async function collectNotices(moduleIds: readonly string[]): Promise<string> {
  const folders = new Set(moduleIds.map(findPackageFolder).filter((folder) => folder !== undefined));
  const notices = await Promise.all([...folders].toSorted().map(readNotice));
  return `Parts of these packages are contained in this folder.\n\n${notices.join('\n\n')}\n`;
}

function findPackageFolder(moduleId: string): string | undefined {
  return /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(moduleId)?.[1];
}

async function readNotice(folder: string): Promise<string> {
  const manifest: { name: string; version: string; license?: string } = JSON.parse(
    await readFile(join(folder, 'package.json'), 'utf8'),
  );
  const file = (await readdir(folder)).find((name) => /^(licen[cs]e|copying)/i.test(name));
  const text = file
    ? await readFile(join(folder, file), 'utf8')
    : `Licence: ${manifest.license ?? 'unknown'}`;
  return `--- ${manifest.name} ${manifest.version}\n\n${text.trim()}`;
}
