import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';
import { formatSshConfig } from '../../../src/cli/using/ssh-config-text.ts';
import type { ProfileChoice } from '../../../src/cli/world.ts';
import type { Certified, Ssh } from '../../../src/client/ssh.ts';
import { fail } from '../../../src/core/errors.ts';
import { createTestWorld, type TestWorld } from '../../support/fakes/cli-world.ts';
import { buildGrantView } from '../../support/fakes/fake-backend.ts';

const HOST = {
  name: 'web',
  host: '*.web.example.com',
  port: 22,
  certificatePath: '/state/ssh/jit.example.com/web-cert.pub',
  keyPath: '/state/ssh/id_ed25519',
};
const CERTIFIED: Certified = {
  held: { server: 'https://jit.example.com', account: 'web', view: buildGrantView({ target: 'web' }) },
  certificatePath: HOST.certificatePath,
  keyPath: HOST.keyPath,
  validBeforeAt: Date.parse('2026-11-21T12:02:00Z'),
};

type Ran = { readonly code: number; readonly world: TestWorld; readonly choices: readonly ProfileChoice[] };

async function run(args: readonly string[], ssh: Partial<Ssh> = {}): Promise<Ran> {
  const world = createTestWorld();
  const choices: ProfileChoice[] = [];
  const openSsh = async (choice: ProfileChoice): Promise<Ssh> => {
    choices.push(choice);
    return { listHosts: async () => [HOST], certify: async () => CERTIFIED, ...ssh };
  };
  return { code: await runProgram(args, { ...world, openSsh }), world, choices };
}

describe('jit ssh-config', () => {
  it('prints a block that names the target, and nothing that is typed after ssh: a shell reads it', async () => {
    const { code, world } = await run(['ssh-config']);
    expect(code).toBe(0);
    expect(world.terminal.printed).toBe(`# web: with a grant of jit
Match host *.web.example.com exec "jit ssh-cert --on web"
  CertificateFile "/state/ssh/jit.example.com/web-cert.pub"
  IdentityFile "/state/ssh/id_ed25519"
  IdentitiesOnly yes
`);
  });

  it('says the port whether or not there is a grant, and the profile that was named', () => {
    const text = formatSshConfig([{ ...HOST, port: 2222, keyPath: '/my %d/id' }], 'work');
    expect(text).toContain('Host *.web.example.com\n  Port 2222\nMatch host');
    expect(text).toContain('exec "jit ssh-cert --on web --profile work"');
    expect(text).toContain('IdentityFile "/my %%d/id"');
  });

  it('refuses a profile whose name would be more than a word there', async () => {
    const { code, world } = await run(['ssh-config', '--profile', 'a"; touch b; "']);
    expect(code).toBe(2);
    expect(world.terminal.printed).toBe('');
  });

  it('has one target where one is named, and knows the others', async () => {
    const two: Partial<Ssh> = {
      listHosts: async () => [HOST, { ...HOST, name: 'db', host: 'db.example.com' }],
    };
    const { world } = await run(['ssh-config', '--target', 'db'], two);
    expect(world.terminal.printed).toContain('Match host db.example.com');
    expect(world.terminal.printed).not.toContain('*.web');
    const wrong = await run(['ssh-config', '--target', 'dbs'], two);
    expect(wrong.code).toBe(2);
    expect(wrong.world.terminal.told.join('\n')).toContain('did you mean db?');
  });

  it('says so where no target takes certificates', async () => {
    const { code, world } = await run(['ssh-config'], { listHosts: async () => [] });
    expect([code, world.terminal.printed]).toEqual([0, '']);
    expect(world.terminal.told).toEqual(['no target takes certificates for ssh']);
  });
});

describe('jit ssh-cert', () => {
  it('asks nothing, and says nothing where it could help', async () => {
    const { code, world, choices } = await run(['ssh-cert', '--on', 'web']);
    expect(code).toBe(0);
    expect([world.terminal.printed, world.terminal.told]).toEqual(['', []]);
    expect(choices).toMatchObject([{ isUnattended: true }]);
  });

  it('tells a program where it is and how long it is good', async () => {
    const { world } = await run(['ssh-cert', '--on', 'web', '--json']);
    expect(JSON.parse(world.terminal.printed)).toMatchObject({
      target: 'web',
      valid_before: '2026-11-21T12:02:00Z',
      certificate_file: HOST.certificatePath,
    });
  });

  it.each([
    ['no_grant', fail('no_grant', { why: 'you hold no live grant on web' }), 6],
    ['login_needed', fail('login_needed', { server: 'https://jit.example.com' }), 4],
    ['unreachable', fail('unreachable', { address: 'https://jit.example.com', why: 'refused' }), 8],
  ])('says %s in one line that names a command', async (_, error, exitCode) => {
    const { code, world } = await run(['ssh-cert', '--on', 'web'], { certify: () => Promise.reject(error) });
    expect(code).toBe(exitCode);
    expect(world.terminal.printed).toBe('');
    expect(world.terminal.told).toHaveLength(1);
    expect(world.terminal.told[0]).toMatch(/^jit: .*: .*jit (request --on web|login|doctor)/);
  });

  it('gives a program the error as a document', async () => {
    const error = fail('no_grant', { why: 'you hold no live grant on web' });
    const { world } = await run(['ssh-cert', '--on', 'web', '--json'], {
      certify: () => Promise.reject(error),
    });
    expect(JSON.parse(world.terminal.printed)).toMatchObject({ error: { code: 'no_grant' } });
  });
});
