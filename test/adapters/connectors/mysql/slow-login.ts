import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Credential } from '../../../../src/core/credential.ts';

const CLIENT_FLAGS = 0x00_08_82_01;
const UTF8MB4 = 45;

/** A login that waits in the middle: the server has looked the user up and asked for proof of the password. */
export type SlowLogin = {
  readonly closed: Promise<unknown>;
  /** Gives the proof; resolves with the first byte of the answer, 0 for a login, or undefined when there is none. */
  finish(): Promise<number | undefined>;
  close(): void;
};

export async function beginLogin(credential: Credential): Promise<SlowLogin> {
  const { MYSQL_HOST, MYSQL_TCP_PORT, MYSQL_USER = '' } = credential.environment;
  const password = credential.secretFiles[0]?.instead.value.reveal() ?? '';
  const socket = connect(Number(MYSQL_TCP_PORT), MYSQL_HOST);
  socket.on('error', () => {});
  const closed = once(socket, 'close');
  await readPacket(socket);
  // Another way of proving than the account's, so that the server has to ask for the right one.
  send(socket, 1, Buffer.concat([buildHeader(), Buffer.from(`${MYSQL_USER}\0\0dialog\0`)]));
  const asked = (await readPacket(socket)) ?? Buffer.alloc(0);
  const challenge = asked.subarray(asked.indexOf(0) + 1).subarray(0, 20);
  return {
    closed,
    finish: async () => {
      const answer = readPacket(socket);
      send(socket, 3, prove(password, challenge));
      return (await answer)?.[0];
    },
    close: () => socket.destroy(),
  };
}

function buildHeader(): Buffer {
  const header = Buffer.alloc(32);
  header.writeUInt32LE(CLIENT_FLAGS, 0);
  header.writeUInt32LE(1 << 24, 4);
  header.writeUInt8(UTF8MB4, 8);
  return header;
}

/** SHA1(password) XOR SHA1(challenge + SHA1(SHA1(password))). */
function prove(password: string, challenge: Buffer): Buffer {
  const once = sha1(Buffer.from(password));
  const mask = sha1(Buffer.concat([challenge, sha1(once)]));
  return Buffer.from(once.map((byte, index) => byte ^ (mask[index] ?? 0)));
}

function sha1(bytes: Buffer): Buffer {
  return createHash('sha1').update(bytes).digest();
}

function send(socket: Socket, sequence: number, body: Buffer): void {
  const header = Buffer.alloc(4);
  header.writeUIntLE(body.length, 0, 3);
  header.writeUInt8(sequence, 3);
  socket.write(Buffer.concat([header, body]));
}

async function readPacket(socket: Socket): Promise<Buffer | undefined> {
  if (socket.destroyed) return undefined;
  const arrived = await Promise.race([once(socket, 'data'), once(socket, 'close')]).catch(() => []);
  const [chunk]: readonly unknown[] = arrived;
  return Buffer.isBuffer(chunk) ? chunk.subarray(4) : undefined;
}
