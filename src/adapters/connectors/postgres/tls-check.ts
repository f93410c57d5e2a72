import type { Complaint } from '../../../core/config/complaint.ts';
import type { Secret } from '../../../core/secret.ts';
import { readPlace } from './address.ts';
import { isLocalHost, type TlsSettings } from './transport.ts';

/** What is wrong between the URL and `tls`: something said twice, or nothing that protects what leaves this machine. */
export function checkTls(url: Secret, tls: TlsSettings | undefined): readonly Complaint[] {
  const { host, sslMode, rootFile } = readPlace(url);
  const isBoth = tls !== undefined && (sslMode !== undefined || rootFile !== undefined);
  if (isBoth) return [{ path: ['tls'], why: 'cannot be used beside sslmode or sslrootcert in the url' }];
  if (tls?.mode === 'disable-on-loopback' && !isLocalHost(host))
    return [{ path: ['tls', 'mode'], why: 'is for a server on this machine only' }];
  if (tls?.ca !== undefined && tls.mode !== undefined && tls.mode !== 'verify-full')
    return [{ path: ['tls', 'ca'], why: 'is not looked at unless the mode is verify-full' }];
  if (sslMode === 'disable' && !isLocalHost(host))
    return [{ path: ['url'], why: 'sslmode=disable is for a server on this machine only' }];
  return [];
}
