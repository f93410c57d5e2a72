import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

/** Just enough of PostgreSQL to be logged in to with a password and to answer every query with the same rows. */
export type PretendPostgres = AsyncDisposable & {
  readonly port: number;
  /** The passwords that clients sent, in order. */
  readonly passwords: readonly string[];
};

export type PretendTable = {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
};

const CLEARTEXT_PASSWORD = 3;
const TEXT_OID = 25;

export async function openPretendPostgres(table: PretendTable): Promise<PretendPostgres> {
  const passwords: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    serve(socket, { table, onPassword: (password) => passwords.push(password) });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    passwords,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

type Script = { readonly table: PretendTable; readonly onPassword: (password: string) => void };

function serve(socket: Socket, script: Script): void {
  let buffered = Buffer.alloc(0);
  let started = false;
  socket.on('data', (chunk) => {
    buffered = Buffer.concat([buffered, chunk]);
    for (;;) {
      const header = started ? 1 : 0;
      if (buffered.length < header + 4) return;
      const end = header + buffered.readInt32BE(header);
      if (buffered.length < end) return;
      const kind = started ? String.fromCharCode(buffered[0] ?? 0) : 'startup';
      const body = buffered.subarray(header + 4, end);
      buffered = buffered.subarray(end);
      started = started || body.readInt32BE(0) === 196_608;
      socket.write(reply(kind, { body, ...script }));
    }
  });
}

function reply(kind: string, message: Script & { readonly body: Buffer }): Buffer {
  const { body, table } = message;
  if (kind === 'startup') {
    // A request for encryption is declined with one letter; the real start comes after.
    return body.readInt32BE(0) === 196_608 ? pack('R', int32(CLEARTEXT_PASSWORD)) : Buffer.from('N');
  }
  if (kind === 'p') {
    message.onPassword(body.subarray(0, -1).toString());
    return Buffer.concat([pack('R', int32(0)), pack('Z', Buffer.from('I'))]);
  }
  if (kind !== 'Q') return Buffer.alloc(0);
  const rows = table.rows.map((row) => pack('D', int16(row.length), ...row.map(sized)));
  const done = pack('C', Buffer.from(`SELECT ${rows.length}\0`));
  return Buffer.concat([describeColumns(table.columns), ...rows, done, pack('Z', Buffer.from('I'))]);
}

function describeColumns(columns: readonly string[]): Buffer {
  const fields = columns.map((name) =>
    Buffer.concat([
      Buffer.from(`${name}\0`),
      int32(0),
      int16(0),
      int32(TEXT_OID),
      int16(-1),
      int32(-1),
      int16(0),
    ]),
  );
  return pack('T', int16(columns.length), ...fields);
}

function pack(kind: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(kind), int32(body.length + 4), body]);
}

function sized(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([int32(bytes.length), bytes]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}
