import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Keyring } from './keyring.ts';

const run = promisify(execFile);
const SECRETS = 'org.freedesktop.secrets';

/** `service / account` of everything in a keyring, as any other program of the desktop sees it. */
export async function listKeyringItems({
  environment,
}: Pick<Keyring, 'environment'>): Promise<readonly string[]> {
  const call = async (path: string, ...method: readonly string[]): Promise<string> => {
    const where = ['call', '--session', '--dest', SECRETS, '--object-path', path, '--method'];
    return (await run('gdbus', [...where, ...method], { env: { ...environment } })).stdout;
  };
  const found = await call(
    '/org/freedesktop/secrets',
    `${SECRETS.replace('secrets', 'Secret')}.Service.SearchItems`,
    '{}',
  );
  const paths = [...found.matchAll(/'(\/org\/[^']+)'/g)].map(([, path]) => path ?? '');
  const items = paths.map(async (path) => {
    const shown = await call(
      path,
      'org.freedesktop.DBus.Properties.Get',
      'org.freedesktop.Secret.Item',
      'Attributes',
    );
    const read = (name: string): string => new RegExp(`'${name}': '([^']*)'`).exec(shown)?.[1] ?? '';
    return `${read('service')} / ${read('account')}`;
  });
  return (await Promise.all(items)).sort();
}
