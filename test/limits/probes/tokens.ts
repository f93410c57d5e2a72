import { ANNOTATION_KINDS } from '../../../src/adapters/policy/annotation-kinds.ts';
import { Secret } from '../../../src/core/secret.ts';
import { createAuthenticate } from '../../../src/server/authenticate.ts';
import { readLoginDemand } from '../../../src/server/oauth/login/demand.ts';
import { normaliseUserCode } from '../../../src/server/oauth/login/device-login.ts';
import { findResourceServer } from '../../../src/server/oauth/services/resource-servers.ts';
import { signGrantToken, verifyGrantToken } from '../../../src/server/oauth/tokens/grant-token.ts';
import { verifyProof } from '../../../src/server/oauth/tokens/proof.ts';
import { makeProof, makeProofKey } from '../../support/device-client.ts';
import { createMemoryProtocolStore } from '../../support/fakes/memory-protocol-store.ts';
import { openSigningKeys } from '../../support/signing-keys.ts';
import { agree, type Probe, postForm } from '../ground.ts';

const URL = 'https://jit.example.com';
const NOW = Date.UTC(2026, 10, 22, 14, 0, 0);
const IAT = NOW / 1000;
const DEMAND = { method: 'POST', url: `${URL}/v1/requests`, now: NOW };
const CLAIMS = { htm: 'POST', htu: DEMAND.url, iat: IAT };

/** Limits on codes, tokens and proofs. */
export const tokenProbes = {
  LONGEST_CLAIM_CHARACTERS: async (size, { server }) => {
    const said = 'x'.repeat(size);
    const asked = ['jit_program', 'jit_host', 'jit_purpose'].map((name) =>
      postForm(
        `${server.url}/oauth/device`,
        String(new URLSearchParams({ client_id: 'jit-cli', scope: 'openid', [name]: said })),
      ),
    );
    return (await Promise.all(asked)).every((answer) => answer.status === 200);
  },
  LONGEST_USER_CODE_CHARACTERS: (size) => normaliseUserCode(`${' '.repeat(size - 8)}BCDFGHJK`) === 'BCDFGHJK',
  LONGEST_STRENGTH_CHARACTERS: (size) => {
    const strength = 'x'.repeat(size);
    const annotation = ANNOTATION_KINDS.login_strength?.isWellFormed(strength) ?? false;
    const demand = readLoginDemand({ acr_values: strength });
    return agree([annotation, demand?.strengths[0] === strength]);
  },
  LONGEST_CREDENTIALS_CHARACTERS: (size) => {
    const name = 'orders-api';
    // Three characters are four of base64; where they do not go up evenly, nothing of that length can be meant.
    const encoded = Buffer.from(`${name}:${'s'.repeat(2000)}`)
      .toString('base64')
      .slice(0, size)
      .padEnd(size, 'c');
    const secret = Buffer.from(encoded, 'base64')
      .toString('utf8')
      .slice(name.length + 1);
    const servers = [{ name, secret: new Secret(secret), targets: [] }];
    return findResourceServer(servers, `Basic ${encoded}`) !== undefined;
  },
  LONGEST_ACCESS_TOKEN_CHARACTERS: async (size) => {
    let isLookedUp = false;
    const protocol = {
      ...createMemoryProtocolStore(),
      find: async () => {
        isLookedUp = true;
        return undefined;
      },
    };
    const authenticate = createAuthenticate({
      url: URL,
      protocol,
      clock: { now: () => NOW, monotonicMs: () => 0, sleep: async () => {} },
      identity: { find: async () => undefined },
    });
    const request = { method: 'GET', target: '/v1/me', proof: undefined };
    await authenticate({ ...request, authorization: `DPoP ${'x'.repeat(size)}` }).catch(() => {});
    return isLookedUp;
  },
  LONGEST_GRANT_TOKEN_CHARACTERS: (size) => readsGrantToken(size),
  LONGEST_PROOF_CHARACTERS: async (size) => {
    const key = await makeProofKey();
    const build = (pad: number, id = '') =>
      makeProof(key, { ...CLAIMS, pad: 'x'.repeat(pad) }, { jwk: { ...key.jwk, kid: id } });
    return (await verifyProof(await findLong(build, size), DEMAND)) !== undefined;
  },
  LONGEST_PROOF_ID_CHARACTERS: async (size) => {
    const proof = await makeProof(await makeProofKey(), { ...CLAIMS, jti: 'x'.repeat(size) });
    return (await verifyProof(proof, DEMAND)) !== undefined;
  },
  PROOF_WINDOW_SECONDS: async (size) => {
    const key = await makeProofKey();
    const proofs = [-size, size].map((skew) => makeProof(key, { ...CLAIMS, iat: IAT + skew }));
    const read = (await Promise.all(proofs)).map((proof) => verifyProof(proof, DEMAND));
    return (await Promise.all(read)).some((proof) => proof !== undefined);
  },
} satisfies Readonly<Record<string, Probe>>;

async function readsGrantToken(size: number): Promise<boolean> {
  const keys = await openSigningKeys();
  const build = async (pad: number) => {
    const token = await signGrantToken(keys, {
      issuer: URL,
      subject: 'dev:dev',
      audience: 'https://orders.example.com',
      clientId: 'jit-cli',
      tokenId: 'tok_1',
      grantId: 'gr_1',
      digest: 'digest-1',
      scope: 'x'.repeat(pad),
      issuedAt: NOW,
      expiresAt: NOW + 60_000,
    });
    return token.reveal();
  };
  const text = await findLong(build, size);
  return (await verifyGrantToken(text, { keys, issuer: URL, now: NOW })) !== undefined;
}

/** The token of exactly so many characters. */
async function findLong(build: (pad: number, id?: string) => Promise<string>, size: number): Promise<string> {
  const bare = (await build(1)).length;
  const guess = Math.floor(((size - bare) * 3) / 4);
  // base64url has no text of 4n + 1 characters: then the header has to be another length.
  for (const id of ['', 'x']) {
    for (let pad = Math.max(1, guess - 4); pad < guess + 8; pad += 1) {
      const text = await build(pad, id);
      if (text.length === size) return text;
    }
  }
  throw new Error(`there is no token of ${size} characters`);
}
