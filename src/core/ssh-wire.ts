const TEXT = new TextEncoder();

/** The only kind of key that jit makes and signs. */
export const SSH_KEY_KIND = 'ssh-ed25519';

export function joinBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** `uint32` of RFC 4251 §5. */
export function encodeUint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** `uint64` of RFC 4251 §5. */
export function encodeUint64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}

/** `string` of RFC 4251 §5: its length, then its bytes. */
export function encodeString(value: string | Uint8Array): Uint8Array {
  const bytes = typeof value === 'string' ? TEXT.encode(value) : value;
  return joinBytes(encodeUint32(bytes.length), bytes);
}

/** An Ed25519 public key as SSH writes it (RFC 8709 §4), from its 32 bytes. */
export function encodePublicKey(key: Uint8Array): Uint8Array {
  return joinBytes(encodeString(SSH_KEY_KIND), encodeString(key));
}

/** The line of an `authorized_keys` file, or of `id_ed25519.pub`. */
export function formatPublicKey(key: Uint8Array, comment: string): string {
  return `${SSH_KEY_KIND} ${formatBase64(encodePublicKey(key))} ${comment}`;
}

export function formatBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
