import type { Principal } from './principal.ts';

/**
 * Could these two be one human (S3)? The account, the human behind it, or a subject or name that only looks different:
 * in case, in width, in an alphabet with the same shapes. Wrongly yes costs another reviewer; wrongly no is approving oneself.
 */
export function isSamePerson(
  left: Pick<Principal, 'subject' | 'name' | 'person'>,
  right: Pick<Principal, 'subject' | 'name' | 'person'>,
): boolean {
  return (
    flatten(left.subject) === flatten(right.subject) ||
    flatten(left.person) === flatten(right.person) ||
    flatten(left.name) === flatten(right.name)
  );
}

/** One text for all that look the same. Only ever compared, never shown. */
export function flatten(text: string): string {
  const folded = text
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}\s]/gu, '')
    .toLowerCase();
  return [...folded].map((letter) => LOOKS_LIKE.get(letter) ?? letter).join('');
}

/** Letters of other alphabets, and digits, that most fonts draw as a Latin letter (after Unicode TS 39, the common part). */
const SHAPES: Readonly<Record<string, string>> = {
  a: 'аɑα',
  b: 'ьв',
  c: 'сϲ',
  d: 'ԁ',
  e: 'еєҽ',
  f: 'ғ',
  g: 'ɡց',
  h: 'һհн',
  i: 'іıɩι1l|!ӏ',
  j: 'јϳ',
  k: 'кκ',
  m: 'м',
  n: 'ոп',
  o: 'оοօ0σ',
  p: 'рρ',
  q: 'ԛզ',
  r: 'гᴦ',
  s: 'ѕ',
  t: 'тτ',
  u: 'υսц',
  v: 'ѵν',
  w: 'ԝѡ',
  x: 'хχ',
  y: 'уүγ',
  z: 'ᴢ',
};

const LOOKS_LIKE: ReadonlyMap<string, string> = new Map(
  Object.entries(SHAPES).flatMap(([latin, others]) => [...others].map((other) => [other, latin] as const)),
);
