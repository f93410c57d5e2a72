import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { createAssetPlugin } from './build/assets.ts';
import { createBuiltInPlugin } from './build/built-ins.ts';
import { createChunking } from './build/chunks.ts';
import { isExternal } from './build/external.ts';
import { collectNotices } from './build/notices.ts';
import { root } from './build/root.ts';
import { writeTypes } from './build/types.ts';

/** What starts a program or is imported by name. Everything else is reached from these. */
const ENTRIES = ['main', 'index', 'testing', 'verify'];

/** A mistake in a source file, not a matter of taste of a dependency's. */
const FATAL_LOGS = ['UNRESOLVED_IMPORT', 'MISSING_EXPORT', 'IMPORT_IS_UNDEFINED'];

const output = join(root, 'dist');
const fresh = `${output}.${process.pid}.new`;
const stale = `${output}.${process.pid}.old`;

async function bundle(): Promise<readonly string[]> {
  const present = ENTRIES.filter((name) => existsSync(join(root, 'src', `${name}.ts`)));
  const problems: string[] = [];
  const chunking = createChunking();
  const bundled = await rolldown({
    input: Object.fromEntries(present.map((name) => [name, join(root, 'src', `${name}.ts`)])),
    cwd: root,
    platform: 'node',
    tsconfig: join(root, 'tsconfig.json'),
    external: isExternal,
    // What `main` and a command share goes into `main`: each file more costs every command half a millisecond.
    preserveEntrySignatures: 'allow-extension',
    plugins: [createAssetPlugin(fresh), createBuiltInPlugin(), chunking.plugin],
    onLog: (_level, log) => {
      if (FATAL_LOGS.includes(log.code ?? '')) problems.push(log.message);
    },
  });
  const built = await bundled.write({
    dir: fresh,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    codeSplitting: {
      groups: [
        { name: 'client', test: chunking.isTogether },
        { name: 'shared', test: chunking.isShared },
      ],
      includeDependenciesRecursively: false,
    },
    // Names stay, for whoever has to read a stack.
    minify: { compress: true, mangle: { keepNames: true }, codegen: true },
    comments: { legal: false, annotation: false, jsdoc: false },
  });
  await bundled.close();
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return built.output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
}

/** A build that fails leaves the last good one in place; one that runs beside another never mixes with it. */
async function swap(): Promise<void> {
  if (existsSync(output)) await rename(output, stale);
  await rename(fresh, output);
  await rm(stale, { recursive: true, force: true });
}

await mkdir(fresh, { recursive: true });
try {
  const moduleIds = await bundle();
  await writeTypes(
    fresh,
    ENTRIES.filter((name) => name !== 'main'),
  );
  await writeFile(join(fresh, 'THIRD-PARTY-NOTICES.txt'), await collectNotices(moduleIds));
  await swap();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await rm(fresh, { recursive: true, force: true });
}
