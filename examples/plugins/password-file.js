import { createHash, randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { definePlugin, EMPTY_CREDENTIAL, Secret } from 'jit';

/**
 * A kind of target in one file: services that look passwords up in a JSON file of SHA-256 digests, by name. In jit.yaml:
 *
 *   plugins: [./password-file.js]
 *   targets:
 *     wiki: { kind: password-file, audience: https://wiki.example.com, path: /srv/wiki/passwords.json }
 *
 * jit plugin check ./password-file.js tries it.
 */
const digest = (text) => createHash('sha256').update(text).digest('hex');

function open({ settings: { path } }) {
  const read = async () => JSON.parse(await readFile(path, 'utf8').catch(() => '{}'));
  let turn = Promise.resolve();
  // One change at a time, and readers see the file before it or after it.
  const change = (edit) => {
    turn = turn
      .catch(() => undefined)
      .then(async () => {
        const passwords = await read();
        edit(passwords);
        await writeFile(`${path}.new`, JSON.stringify(passwords), { mode: 0o640 });
        await rename(`${path}.new`, path);
      });
    return turn.catch((cause) => {
      throw new Error(`${path} was not written`, { cause });
    });
  };
  return {
    issue: async ({ handle }) => {
      const password = randomBytes(24).toString('base64url');
      await change((passwords) => Object.assign(passwords, { [handle]: digest(password) }));
      return {
        ...EMPTY_CREDENTIAL,
        environment: { JIT_CREDENTIAL_USER: handle },
        secretEnvironment: { JIT_CREDENTIAL_PASSWORD: new Secret(password) },
      };
    },
    probe: async ({ environment, secretEnvironment }) => {
      const password = secretEnvironment.JIT_CREDENTIAL_PASSWORD?.reveal() ?? '';
      if ((await read())[environment.JIT_CREDENTIAL_USER] === digest(password)) return;
      throw new Error('the new password does not work');
    },
    remove: async (handle) => {
      await change((passwords) => delete passwords[handle]);
      if (handle in (await read())) throw new Error('it is still there');
      return { sessionsEnded: 0 };
    },
    list: async () => Object.keys(await read()).map((handle) => ({ handle, sessions: 0 })),
    // It lasts until it is removed and nobody can tell when it is used: no "extend", no "activity".
    close: async () => turn.catch(() => undefined),
  };
}

const tried = join(tmpdir(), `jit-password-file-${process.pid}.json`);

export const plugin = definePlugin({
  name: 'password-file',
  api: '^1.0',
  connector: {
    kind: 'password-file',
    settings: { path: 'text' },
    open,
    check: {
      settings: { path: tried },
      scopes: ['wiki:pages.edit'],
      close: () => rm(tried, { force: true }),
    },
  },
});
