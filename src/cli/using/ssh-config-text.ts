import type { SshHost } from '../../client/ssh.ts';

const DEFAULT_PORT = 22;

/**
 * A block for `~/.ssh/config`: a certificate is asked for when one connects, and used where there was one. The target's
 * name stands in the command, and nothing that was typed after `ssh`: a shell reads that line.
 */
export function formatSshConfig(hosts: readonly SshHost[], profile: string | undefined): string {
  return hosts.map((host) => formatHost(host, profile)).join('\n');
}

function formatHost({ name, host, port, certificatePath, keyPath }: SshHost, profile: string | undefined) {
  const command = ['jit ssh-cert --on', name, ...(profile === undefined ? [] : ['--profile', profile])];
  const lines = [
    `# ${name}: with a grant of jit`,
    ...(port === DEFAULT_PORT ? [] : [`Host ${host}`, `  Port ${port}`]),
    `Match host ${host} exec "${command.join(' ')}"`,
    `  CertificateFile ${quotePath(certificatePath)}`,
    `  IdentityFile ${quotePath(keyPath)}`,
    '  IdentitiesOnly yes',
    '',
  ];
  return lines.join('\n');
}

/** ssh reads "%" as one of its own marks, and a blank as the end. */
function quotePath(path: string): string {
  return `"${path.replaceAll('%', '%%')}"`;
}
