import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../build/root.ts';
import { describeBytes, judgeContents, judgeInstalled } from './judge-package.ts';
import { measureTree } from './measure-tree.ts';
import { type Finding, runTool } from './run-tool.ts';

/** Packs the project, installs that as a stranger would, without install scripts, and runs it there. */
export async function checkPacked(): Promise<Finding> {
  const folder = await mkdtemp(join(tmpdir(), 'jit-packed-'));
  try {
    return await checkIn(folder);
  } catch (error) {
    return { ok: false, output: error instanceof Error ? error.message : String(error) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function checkIn(folder: string): Promise<Finding> {
  const packed = await pack(folder);
  await install(folder, packed.filename);
  const tree = await measureTree(join(folder, 'node_modules'));
  const complaints = [
    ...judgeContents(packed.files),
    ...judgeInstalled(tree),
    ...(await tryProgram(folder)),
    ...(await tryImports(folder)),
  ];
  const note = `${packed.files.length} files, ${tree.packages} packages, ${describeBytes(tree.bytes)} installed`;
  return { ok: complaints.length === 0, note, output: complaints.map((text) => `  ${text}`).join('\n') };
}

async function pack(
  folder: string,
): Promise<{ readonly filename: string; readonly files: readonly string[] }> {
  const made = await runTool('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]);
  if (!made.ok) throw new Error(made.output);
  const described: unknown = JSON.parse(made.stdout);
  // A list from older npms, an object by package name from newer ones.
  const [entry]: { filename: string; files: { path: string }[] }[] = Object.values(described ?? {});
  if (!entry) throw new Error('npm pack described nothing');
  return { filename: entry.filename, files: entry.files.map((file) => file.path) };
}

async function install(folder: string, tarball: string): Promise<void> {
  await writeFile(join(folder, 'package.json'), '{"private": true}\n');
  const flags = ['--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  const made = await runTool('npm', ['install', ...flags, join(folder, tarball)], { cwd: folder });
  if (!made.ok) throw new Error(made.output);
}

async function tryProgram(folder: string): Promise<readonly string[]> {
  const { version } = await readManifest(root);
  const jit = join(folder, 'node_modules/.bin/jit');
  const shown = await runTool(jit, ['--version'], { cwd: folder, timeoutMs: 10_000 });
  const help = await runTool(jit, ['--help'], { cwd: folder, timeoutMs: 10_000 });
  return [
    ...(shown.ok && shown.stdout.trim() === version ? [] : [`jit --version: ${shown.output.trim()}`]),
    ...(help.ok && help.stdout.includes('request') ? [] : [`jit --help: ${help.output.trim()}`]),
  ];
}

/** Everything that the manifest exports can be imported, and so can what is not bundled. */
async function tryImports(folder: string): Promise<readonly string[]> {
  const { exports = {} } = await readManifest(root);
  const paths = Object.keys(exports).filter((path) => !path.endsWith('.json'));
  const names = [
    ...paths.map((path) => join('jit', path)),
    'oidc-provider',
    'pg',
    'mysql2',
    '@cedar-policy/cedar-wasm',
  ];
  const tried = await Promise.all(
    names.map((name) =>
      runTool('node', ['--input-type=module', '--eval', `await import('${name}')`], { cwd: folder }),
    ),
  );
  return tried.flatMap((result, index) => (result.ok ? [] : [`import ${names[index]}: ${result.output}`]));
}

async function readManifest(
  folder: string,
): Promise<{ readonly version: string; readonly exports?: Readonly<Record<string, unknown>> }> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
}
