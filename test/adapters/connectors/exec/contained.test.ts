import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../../src/core/secret.ts';
import { until } from '../../../support/until.ts';
import { closeScripts, HANDLE, openScript, SCOPES, soon } from './script.ts';

closeScripts();

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function why(body: string, changes?: Parameters<typeof openScript>[1]): Promise<string> {
  const script = await openScript(body, changes);
  const error: unknown = await script.issue().catch((cause: unknown) => cause);
  expect(error).toMatchObject({ code: 'target_failed' });
  return error instanceof Error ? error.message : '';
}

describe('a program that fails', () => {
  it('S12: is quoted with the last line that it wrote, in which nothing acts upon a terminal', async () => {
    const said = await why(`echo first >&2; printf 'no \\033[31msuch\\r account\\n\\n' >&2; exit 3`);
    expect(said).toContain('issue: it ended with code 3: no \\x1b[31msuch\\r account');
  });

  it('I5: has its own secrets left out of what is recorded', async () => {
    const environment = { ADMIN_TOKEN: new Secret('canary-3f9a') };
    const said = await why('echo "401 for $ADMIN_TOKEN" >&2; exit 1', { environment });
    expect(said).toContain('401 for [redacted]');
    expect(said).not.toContain('canary');
  });

  it('I5: has its own secrets left out where one is cut, at the end of the line or at its beginning', async () => {
    const environment = { ADMIN_TOKEN: new Secret('canary-'.repeat(8)) };
    const pad = (count: number) => `printf '%0${count}d' 0 >&2`;
    const late = await why(`${pad(280)}; printf '%s' "$ADMIN_TOKEN" >&2; exit 1`, { environment });
    expect(late).not.toContain('canary');
    const early = await why(`printf '%s' "$ADMIN_TOKEN" >&2; ${pad(16_364)}; exit 1`, { environment });
    expect(early).not.toContain('nary');
  });

  it('I5: has the new credential left out, of which it complains, a line of a key included', async () => {
    const body = `case "$(cat)" in *probe*) printf 'no login with %s\n' "$WITH" >&2; exit 1;; esac; printf '%s' "$ANSWER"`;
    const answer = {
      secret_environment: { JIT_CREDENTIAL_PASSWORD: 'canary-password' },
      secret_files: [
        {
          variable: 'JIT_CREDENTIAL_KEY',
          content: '-----BEGIN-----\ncanary-line-of-a-key\n',
          instead: { variable: 'JIT_CREDENTIAL_INSTEAD', value: 'canary-instead' },
        },
      ],
    };
    for (const said of ['canary-password', 'canary-line-of-a-key', 'canary-instead']) {
      const { connector, issue } = await openScript(
        `ANSWER='${JSON.stringify(answer)}'; WITH='${said}'; ${body}`,
      );
      const refused = connector.probe(await issue(), soon());
      await expect(refused).rejects.toMatchObject({
        message: expect.stringContaining('no login with [redacted]'),
      });
    }
  });

  it.each([
    '{"secret_environment":"canary"}',
    '{"secret_files":"canary"}',
    '{"secret_files":[{"variable":"JIT_CREDENTIAL_A","content":"a","instead":"canary"}]}',
  ])('I5: is not quoted where its answer is none: %s', async (answer) => {
    const said = await why(`echo '${answer}'`);
    expect(said).toContain('its answer is not as it should be');
    expect(said).not.toContain('canary');
  });

  it.each([
    ['is not there', 'exit 0', { command: '/nowhere/connector' }, 'it cannot be run (ENOENT)'],
    ['has an argument that is none', 'exit 0', { args: ['\0'] }, 'it cannot be run'],
    ['is ended by a signal', 'kill -9 $$', {}, 'it ended by SIGKILL'],
    ['says nothing', 'exit 0', {}, 'its answer is not one JSON object'],
    ['says more than one document', 'echo "{}{}"', {}, 'its answer is not one JSON object'],
    ['answers with a list', 'echo "[]"', {}, 'its answer is not one JSON object'],
    ['answers with other bytes', `printf '\\377\\376'`, {}, 'its answer is not UTF-8'],
    ['floods', 'yes', {}, 'it wrote more than 1048576 bytes'],
  ])('%s: target_failed', async (_what, body, changes, message) => {
    expect(await why(body, changes)).toContain(message);
  });

  it.each([
    ['environment', '{"environment":{"PATH":"/tmp"}}'],
    ['secret_environment', '{"secret_environment":{"LD_PRELOAD":"/tmp/x.so"}}'],
    [
      'secret_files',
      '{"secret_files":[{"variable":"BASH_ENV","content":"x","instead":{"variable":"A","value":""}}]}',
    ],
    ['removes', '{"removes":["HOME"]}'],
  ])(
    'INP-05: does not get a variable into a child by %s that chooses what code runs',
    async (place, answer) => {
      expect(await why(`echo '${answer}'`)).toMatch(new RegExp(`"${place}[^"]*" is not a variable`));
    },
  );
});

describe('a program that does not end', () => {
  it('I6: is killed with everything it started, when its time is over', async () => {
    const script = await openScript('sleep 600 & echo $! > "$FOLDER/pid"; sleep 600', {
      timeoutSeconds: 0.5,
    });
    await expect(script.issue()).rejects.toMatchObject({
      code: 'target_failed',
      message: expect.stringContaining('issue: it did not finish in time'),
    });
    const pid = Number(await script.read('pid'));
    await until('gone', async () => !isAlive(pid));
  });

  it('has no more time than the call has', async () => {
    const { connector } = await openScript('sleep 600');
    await expect(connector.list(soon(200))).rejects.toMatchObject({ code: 'target_failed' });
  });

  it('I6: leaves nothing behind after an answer either', async () => {
    const script = await openScript('sleep 600 & echo $! > "$FOLDER/pid"; echo "{}"');
    await script.issue();
    const pid = Number(await script.read('pid'));
    await until('gone', async () => !isAlive(pid));
  });
});

describe('what a program is told', () => {
  it('is one document on stdin, and nothing in arguments', async () => {
    const script = await openScript('cat > "$FOLDER/asked"; echo "$#" > "$FOLDER/count"; echo "{}"');
    await script.issue();
    expect(JSON.parse(await script.read('asked'))).toEqual({
      version: 1,
      operation: 'issue',
      target: 'tickets',
      installation: 'abcd1234',
      handle: HANDLE,
      scopes: SCOPES,
      expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      deadline_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
    expect(await script.read('count')).toBe('0\n');
  });

  it('I5: is none of the server’s variables, only a standard few and what the target names', async () => {
    const environment = { ADMIN_TOKEN: new Secret('canary') };
    const script = await openScript('env > "$FOLDER/env"; echo "{}"', { environment });
    await script.issue();
    const names = (await script.read('env')).split('\n').map((line) => line.split('=')[0] ?? '');
    // The shell itself sets PWD, and some of them more.
    expect(names.filter((name) => !['', 'PWD', 'OLDPWD', 'SHLVL', '_'].includes(name)).toSorted()).toEqual([
      'ADMIN_TOKEN',
      'LANG',
      'PATH',
    ]);
  });
});

describe('what a program answers', () => {
  it('lists only what this installation made', async () => {
    const live = ['jit_abcd1234_01', 'jit_other000_02', 'root', 'jit_abcd1234_"; DROP'];
    const answer = JSON.stringify({ credentials: live.map((handle) => ({ handle, sessions: 2 })) });
    const { connector } = await openScript(`echo '${answer}'`);
    expect(await connector.list(soon())).toEqual([{ handle: HANDLE, sessions: 2 }]);
  });

  it('may be nothing, where there is nothing to say', async () => {
    const { connector } = await openScript('exit 0');
    const order = { handle: HANDLE, scopes: SCOPES, expiresAt: soon(600_000), deadlineAt: soon() };
    await expect(connector.extend(order)).resolves.toBeUndefined();
  });

  it('I1: is looked after: what it has removed must not be listed any more, sessions or not', async () => {
    const listed = JSON.stringify({ credentials: [{ handle: HANDLE, sessions: 0 }] });
    const script = await openScript(
      `case "$(cat)" in *'"operation":"remove"'*) echo '{"sessions_ended":1}';; *) cat "$FOLDER/live";; esac`,
    );
    const remove = () => script.connector.remove(HANDLE, { scopes: SCOPES, deadlineAt: soon() });
    await writeFile(join(script.folder, 'live'), listed);
    await expect(remove()).rejects.toMatchObject({
      code: 'target_failed',
      message: expect.stringContaining(`"list" still has ${HANDLE}`),
    });
    await writeFile(join(script.folder, 'live'), '{"credentials":[]}');
    expect(await remove()).toEqual({ sessionsEnded: 1 });
  });
});
