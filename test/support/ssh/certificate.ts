/** A certificate as whoever checks it reads it (PROTOCOL.certkeys), by other code than that which writes it. */
export type ReadCertificate = {
  readonly kind: string;
  readonly publicKey: string;
  readonly serial: bigint;
  readonly type: number;
  readonly keyId: string;
  readonly principals: readonly string[];
  readonly validAfter: number;
  readonly validBefore: number;
  readonly criticalOptions: ReadonlyMap<string, string>;
  readonly extensions: readonly string[];
  readonly authority: string;
  /** What is signed, and the signature's 64 bytes. */
  readonly signed: Buffer;
  readonly signature: Buffer;
};

export function readCertificate(line: string): ReadCertificate {
  const bytes = Buffer.from(line.split(' ')[1] ?? '', 'base64');
  const reader = createReader(bytes);
  const kind = reader.text();
  reader.string();
  const publicKey = reader.string().toString('base64');
  const serial = reader.uint64();
  const type = reader.uint32();
  const keyId = reader.text();
  const principals = readTexts(reader.string());
  const [validAfter, validBefore] = [Number(reader.uint64()), Number(reader.uint64())];
  const options = readPairs(reader.string());
  const extensions = readPairs(reader.string()).map(([name]) => name);
  reader.string();
  const authority = reader.string().toString('base64');
  const signed = bytes.subarray(0, reader.at());
  const signature = createReader(reader.string());
  signature.text();
  return {
    kind,
    publicKey,
    serial,
    type,
    keyId,
    principals,
    validAfter,
    validBefore,
    criticalOptions: new Map(options.map(([name, value]) => [name, createReader(value).text()])),
    extensions,
    authority,
    signed,
    signature: signature.string(),
  };
}

type Reader = {
  at(): number;
  isOver(): boolean;
  uint32(): number;
  uint64(): bigint;
  string(): Buffer;
  text(): string;
};

function createReader(bytes: Buffer): Reader {
  let at = 0;
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw new Error('the certificate ends too early');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const string = (): Buffer => take(take(4).readUInt32BE());
  return {
    at: () => at,
    isOver: () => at === bytes.length,
    uint32: () => take(4).readUInt32BE(),
    uint64: () => take(8).readBigUInt64BE(),
    string,
    text: () => string().toString('utf8'),
  };
}

function readTexts(bytes: Buffer): readonly string[] {
  const reader = createReader(bytes);
  const texts: string[] = [];
  while (!reader.isOver()) texts.push(reader.text());
  return texts;
}

function readPairs(bytes: Buffer): readonly (readonly [string, Buffer])[] {
  const reader = createReader(bytes);
  const pairs: (readonly [string, Buffer])[] = [];
  while (!reader.isOver()) pairs.push([reader.text(), reader.string()]);
  return pairs;
}
