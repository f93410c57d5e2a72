import type { StageSettings } from '../programs/stage-config.ts';

/** Whoever is an engineer may log in. */
const POLICY = `
@id("ssh") permit (principal in Group::"engineers", action == Action::"activate", resource);
`;
/** Of the target whose certificates are over soon. */
export const SHORT_SECONDS = 3;

/** Targets of one sshd, each on an address of its own: they differ in what their certificates say. */
export const SSH_HOSTS = {
  ops: '127.0.0.1',
  other: '127.0.0.2',
  near: '127.0.0.3',
  short: '127.0.0.4',
} as const;
export type SshHostName = keyof typeof SSH_HOSTS;

const DIFFERENCES: Readonly<Record<SshHostName, string>> = {
  ops: 'principals: { "prod:ssh.ops": [ops, deploy] }',
  other: 'principals: { "prod:ssh.other": [other] }',
  near: 'principals: { "prod:ssh.near": [ops] }, source_address: true',
  short: `principals: { "prod:ssh.short": [ops] }, certificate_ttl: ${SHORT_SECONDS}s`,
};

/** What a stage's server is told of them. */
export function describeSshTargets(port: number): Pick<StageSettings, 'policies' | 'more'> {
  const hosts = Object.entries(SSH_HOSTS);
  return {
    policies: { 'ssh.cedar': POLICY },
    more: {
      scopes: hosts
        .map(
          ([name]) =>
            `  prod:ssh.${name}: { description: Log in, sensitivity: low, default: 10m, max: 1h, targets: [${name}] }`,
        )
        .join('\n'),
      targets: hosts
        .map(
          ([name, host]) =>
            `  ${name}: { kind: ssh, audience: "https://web.example.com", host: ${host}, port: ${port}, ${DIFFERENCES[name as SshHostName]} }`,
        )
        .join('\n'),
    },
  };
}
