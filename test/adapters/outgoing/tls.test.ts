import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { createOutgoing } from '../../../src/adapters/outgoing/outgoing.ts';
import { hasTool } from '../../support/tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'jit-test-tls-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A key and a certificate for this machine that nobody vouches for. */
function makeCertificate(): { readonly key: Buffer; readonly cert: Buffer } {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  const args = ['req', '-x509', ...kind, ...subject, '-keyout', key, '-out', cert];
  execFileSync('openssl', args, { stdio: 'ignore' });
  return { key: readFileSync(key), cert: readFileSync(cert) };
}

describe.runIf(hasTool(['openssl', 'version'], 'openssl'))('INP-02: an outgoing call over TLS', () => {
  it('is refused where the certificate is not trusted, whatever the environment says', async () => {
    let arrived = 0;
    const server = createServer(makeCertificate(), (_request, response) => {
      arrived += 1;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    vi.stubEnv('HTTPS_PROXY', 'http://127.0.0.1:1');
    try {
      const call = createOutgoing({ urls: [url], allow: [] })(url);
      await expect(call).rejects.toThrow('DEPTH_ZERO_SELF_SIGNED_CERT');
      expect(arrived).toBe(0);
    } finally {
      vi.unstubAllEnvs();
      server.close();
    }
  });
});
