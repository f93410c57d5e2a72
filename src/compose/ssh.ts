import { join } from 'node:path';
import { createCaller } from '../adapters/backends/caller.ts';
import { createCertificateDesk } from '../adapters/backends/ssh.ts';
import { createHttp } from '../adapters/oauth/http.ts';
import { createSshFolder } from '../adapters/ssh-folder/folder.ts';
import { createSsh, type Ssh, type SshParts } from '../client/ssh.ts';
import { goOnline, type OnlineOptions } from './online.ts';

export type SshOptions = OnlineOptions &
  Pick<SshParts, 'state'> & { readonly stateFolder: string; readonly hostName: string };

/** Connecting by ssh, with the session at one server. */
export function openSsh(options: SshOptions): Ssh {
  const { server, clock, stateFolder, hostName, onServerTime } = options;
  const { sessions } = goOnline(options);
  const call = createCaller({ server, http: createHttp(), session: sessions, clock, onServerTime });
  return createSsh({
    ...options,
    desk: createCertificateDesk({ call, clock, address: server }),
    folder: createSshFolder({ folder: join(stateFolder, 'ssh'), hostName }),
  });
}
