import { createHash, createPrivateKey, randomUUID, sign } from 'node:crypto';
import { Agent, request } from 'node:http';

/** What a client process is told of a session; plain data. */
export type BenchSession = { readonly token: string; readonly key: string };

export type Answer = { readonly status: number; readonly body: Record<string, unknown> };
export type Call = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
};
export type Caller = (call: Call) => Promise<Answer>;

const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

/** As little of a client as there can be, so that what is measured is the server: connections are kept, the key is read once. */
export function createCaller(url: string, session: BenchSession): Caller {
  const jwk = JSON.parse(session.key) as Record<string, string>;
  const privateKey = createPrivateKey({ key: jwk, format: 'jwk' });
  const { kty, crv, x, y } = jwk;
  const head = encode({ typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } });
  const ath = createHash('sha256').update(session.token).digest('base64url');
  const prove = ({ method, path }: Call): string => {
    const htu = url + path.replace(/\?.*/, '');
    const payload = { jti: randomUUID(), htm: method, htu, iat: Math.floor(Date.now() / 1000), ath };
    const input = `${head}.${encode(payload)}`;
    const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
    return `${input}.${signature.toString('base64url')}`;
  };
  return (call) =>
    send(url, {
      ...call,
      headers: { ...call.headers, authorization: `DPoP ${session.token}`, dpop: prove(call) },
    });
}

/** A form, as a service sends one that asks about a token. */
export function sendForm(
  url: string,
  form: {
    readonly path: string;
    readonly authorization: string;
    readonly fields: Readonly<Record<string, string>>;
  },
): Promise<Answer> {
  const text = new URLSearchParams(form.fields).toString();
  const headers = { authorization: form.authorization, 'content-type': 'application/x-www-form-urlencoded' };
  return send(url, { method: 'POST', path: form.path, headers, text });
}

function send(url: string, call: Call & { readonly text?: string }): Promise<Answer> {
  const text = call.text ?? (call.method === 'POST' ? JSON.stringify(call.body ?? {}) : undefined);
  const type = call.text === undefined && text !== undefined ? { 'content-type': 'application/json' } : {};
  return new Promise((resolve, reject) => {
    const sent = request(
      url + call.path,
      { method: call.method, agent, headers: { ...type, ...call.headers } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            body: JSON.parse(Buffer.concat(chunks).toString('utf8')),
          }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(text);
  });
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
