import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Desk, openDesk } from '../programs/desk.ts';
import { HOSTILE } from './hostile-plugin.ts';

/** A machine whose only profile has this backend, and no server. */
export async function openPluginDesk(
  profile: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string>> = {},
): Promise<Desk> {
  const desk = await openDesk({ stage: { url: '', pin: '' }, environment });
  await writeProfile(desk, profile);
  return desk;
}

/** Another backend under the same name. */
export async function writeProfile(desk: Desk, profile: Readonly<Record<string, unknown>>): Promise<void> {
  const lines = Object.entries(profile).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  const text = ['default_profile = "work"', '[profiles.work]', ...lines, ''].join('\n');
  await writeFile(join(desk.folder, 'config', 'config.toml'), text, { mode: 0o600 });
}

export function hostileProfile(manner: string): Readonly<Record<string, unknown>> {
  // One that hangs is waited for that long; one that does not may take its time to start.
  const timeout = manner.startsWith('hang') ? '1s' : '10s';
  return { backend: 'exec', command: process.execPath, args: [HOSTILE, manner], timeout };
}

/** As npm would, beside the configuration: a package for `import` alone. */
export async function installPackage(desk: Desk, name: string, text: string): Promise<void> {
  const folder = join(desk.folder, 'config', 'node_modules', name);
  await mkdir(folder, { recursive: true });
  const manifest = { name, version: '1.0.0', type: 'module', exports: { '.': { import: './index.js' } } };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  await writeFile(join(folder, 'index.js'), text);
}
