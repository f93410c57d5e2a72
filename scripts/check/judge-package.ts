/** What a package that is installed by a stranger must keep to (docs: performance budgets). */
export const LIMITS = { installedBytes: 40 * 1024 * 1024, packages: 120 } as const;

const NEEDED = [
  'bin/jit.js',
  'dist/main.js',
  'dist/index.js',
  'dist/testing.js',
  'dist/verify.js',
  'dist/types/index.d.ts',
  'dist/THIRD-PARTY-NOTICES.txt',
  'README.md',
  'LICENSE',
  'package.json',
];
const UNWANTED =
  /^(src|test|bench|scripts|\.ci)\/|\.test\.|(?<!\.d)\.tsx?$|\.map$|(^|\/)\.env|\.(db|key|pem)$/;

/** What is wrong with the files that would be published. */
export function judgeContents(files: readonly string[]): readonly string[] {
  return [
    ...NEEDED.filter((file) => !files.includes(file)).map((file) => `${file} is missing`),
    ...files.filter((file) => UNWANTED.test(file)).map((file) => `${file} does not belong in the package`),
  ];
}

/** What is wrong with an installed tree. */
export function judgeInstalled(tree: {
  readonly bytes: number;
  readonly packages: number;
}): readonly string[] {
  return [
    ...(tree.bytes > LIMITS.installedBytes ? [`${describeBytes(tree.bytes)} installed: over the limit`] : []),
    ...(tree.packages > LIMITS.packages ? [`${tree.packages} packages: over the limit`] : []),
  ];
}

export function describeBytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
