import { type Instant, SECOND_MS } from '../../core/time.ts';

/** What comes before the end in an Ed25519 certificate (PROTOCOL.certkeys): strings of any length, and numbers. */
const BEFORE_THE_END: readonly ('string' | number)[] = [
  'string',
  'string',
  'string',
  8,
  4,
  'string',
  'string',
  8,
];

/** Until when the certificate in a `-cert.pub` file is good; null for anything else. */
export function readCertificateEnd(text: string): Instant | null {
  const bytes = Buffer.from(text.split(' ')[1] ?? '', 'base64');
  try {
    const at = BEFORE_THE_END.reduce<number>(
      (offset, part) => offset + (part === 'string' ? 4 + bytes.readUInt32BE(offset) : part),
      0,
    );
    return Number(bytes.readBigUInt64BE(at)) * SECOND_MS;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
