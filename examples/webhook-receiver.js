#!/usr/bin/env node
// Receives jit's notices: JIT_WEBHOOK_SECRET=whsec_… PORT=8080 node examples/webhook-receiver.js
// A notice is believed when its signature is right, it is at most five minutes old and its id is new
// (https://www.standardwebhooks.com). Node alone, nothing to install.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import process from 'node:process';

const MAX_BODY_BYTES = 256 * 1024;
const TOLERANCE_SECONDS = 300;
const MOST_IDS = 100_000;

const secret = process.env.JIT_WEBHOOK_SECRET ?? '';
if (!/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/.test(secret)) {
  console.error('JIT_WEBHOOK_SECRET must be the "secret" of channels.webhook: whsec_…');
  process.exit(2);
}
const key = Buffer.from(secret.slice('whsec_'.length), 'base64');

/** Ids of accepted notices, oldest first. A real receiver keeps them where they outlive the process: with what it did. */
const accepted = new Set();

/** The raw bytes, as they were signed; undefined where there are too many. */
async function readBody(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Is one of the signatures ours? While a secret is being replaced there may be several. */
function isSigned({ id, timestamp, signatures, body }) {
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
  return signatures.split(' ').some((signature) => {
    const [version, text = ''] = signature.split(',');
    const given = Buffer.from(text, 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
}

function isFresh(timestamp) {
  return /^\d{1,12}$/.test(timestamp) && Math.abs(Date.now() / 1000 - Number(timestamp)) <= TOLERANCE_SECONDS;
}

/** True for the first time only. */
function remember(id) {
  if (accepted.has(id)) return false;
  accepted.add(id);
  if (accepted.size > MOST_IDS) accepted.delete(accepted.values().next().value);
  return true;
}

/** The status to answer with. What was seen before is accepted again, so that it is not sent again. */
async function receive(request) {
  if (request.method !== 'POST' || request.url !== '/jit') return 404;
  const body = await readBody(request);
  if (!body) return 413;
  const id = String(request.headers['webhook-id'] ?? '');
  const timestamp = String(request.headers['webhook-timestamp'] ?? '');
  const signatures = String(request.headers['webhook-signature'] ?? '');
  if (id === '' || !isFresh(timestamp) || !isSigned({ id, timestamp, signatures, body })) return 401;
  if (remember(id)) act(JSON.parse(body.toString()));
  return 204;
}

/** What is to be done with a notice. People wrote the reason: what a terminal could act upon is shown as an escape. */
function act({ type, data: { request } }) {
  const { id, state, requested_by, scopes, target, reason } = request;
  const line = JSON.stringify({ type, id, state, requested_by, scopes, target, reason });
  console.log(
    line.replace(
      /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
      (character) => `\\u{${character.codePointAt(0).toString(16)}}`,
    ),
  );
}

const server = createServer((request, response) => {
  receive(request)
    .catch(() => 400)
    .then((status) => response.writeHead(status, { connection: 'close' }).end());
});
server.headersTimeout = 10_000;
server.requestTimeout = 15_000;
server.listen(Number(process.env.PORT ?? 8080), process.env.HOST ?? '127.0.0.1', () => {
  console.log(`listening on http://${server.address().address}:${server.address().port}/jit`);
});
