import { Hono } from 'hono';
import { requireAuthority, signCertificate } from '../../broker/grant/certificates.ts';
import { certificateMessage, encodeCertificate, encodeSshTarget } from '../../core/wire/ssh.ts';
import { readBody } from '../http/respond.ts';
import type { ApiEnvironment, ApiParts } from './context.ts';

/** Certificates for ssh: which targets take them, what such a target is to trust, and one for a connection. */
export function buildSshRoutes({ broker, authenticate }: ApiParts): Hono<ApiEnvironment> {
  const app = new Hono<ApiEnvironment>();

  app.get('/v1/ssh-targets', async (c) => {
    await authenticate(c);
    const targets = [...broker.connectors].flatMap(([name, { certificates }]) =>
      certificates ? [encodeSshTarget(name, certificates)] : [],
    );
    return c.json({ targets });
  });

  // For the target's administrator, and whoever installs it: a public key, to everybody.
  app.get('/v1/targets/:name/ssh-ca', async (c) =>
    c.text(`${await requireAuthority(broker, c.req.param('name')).readAuthority()}\n`),
  );

  app.post('/v1/grants/:id/ssh-certificate', async (c) => {
    const asker = await authenticate(c);
    broker.keepPace(asker, 'certificates');
    const { public_key: publicKey } = await readBody(c, certificateMessage);
    const wish = { asker, grantId: c.req.param('id'), publicKey };
    return c.json(encodeCertificate(await signCertificate(broker, wish)));
  });

  return app;
}
