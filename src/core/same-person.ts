import type { Principal } from './principal.ts';

/**
 * Could these two be one human (S3)? The account, the human behind it, or a subject or name that only looks different:
 * in case, in width, in an alphabet with the same shapes. Wrongly yes costs another reviewer; wrongly no is approving oneself.
 */
export function isSamePerson(left: Human, right: Human): boolean {
  const [one, other] = [readShape(left), readShape(right)];
  return one.subject === other.subject || one.person === other.person || one.name === other.name;
}

type Human = Pick<Principal, 'subject' | 'name' | 'person'>;

/** Everybody is compared with everybody when an inbox is read: folding each of them once is enough. */
const shapes = new WeakMap<Human, Human>();

function readShape(human: Human): Human {
  const known = shapes.get(human);
  if (known) return known;
  const { subject, person, name } = human;
  const shape = { subject: flatten(subject), person: flatten(person), name: flatten(name) };
  shapes.set(human, shape);
  return shape;
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
