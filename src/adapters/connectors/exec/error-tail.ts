import type { Credential } from '../../../core/credential.ts';
import type { Secret } from '../../../core/secret.ts';
import { neutralise } from '../../../core/text.ts';
import { LONGEST_ERROR_CHARACTERS, MOST_ERROR_CHARACTERS } from './limits.ts';

/** A line of a key is known again; a shorter one would be found in every other word. */
const SHORTEST_LINE_CHARACTERS = 8;

export type ErrorTail = {
  readonly take: (text: string) => void;
  /** The last line, neutralised (S12) and cut, for people who did not write it. */
  readonly readLast: () => string;
};

/** The end of what a program writes to stderr, without the secrets that it was given. */
export function createErrorTail(secrets: readonly Secret[]): ErrorTail {
  let kept = '';
  let isCut = false;
  return {
    take: (text) => {
      const all = kept + text;
      isCut ||= all.length > MOST_ERROR_CHARACTERS;
      kept = all.slice(-MOST_ERROR_CHARACTERS);
    },
    readLast: () => {
      // What is left of a line may begin within a secret, where nobody would know it again.
      const whole = isCut ? kept.slice(kept.indexOf('\n')) : kept;
      const last = whole.split('\n').findLast((line) => line.trim() !== '') ?? '';
      // Hidden before it is cut: half of a secret is no longer one that could be found.
      return neutralise(hideSecrets(last.trim(), secrets).slice(0, LONGEST_ERROR_CHARACTERS));
    },
  };
}

/** A program that says a secret in an error must not have it recorded. */
export function hideSecrets(text: string, secrets: readonly Secret[]): string {
  return secrets
    .flatMap(listTexts)
    .toSorted((left, right) => right.length - left.length)
    .reduce((hidden, secret) => hidden.replaceAll(secret, '[redacted]'), text);
}

/** Every secret in a credential. */
export function listSecrets({ secretEnvironment, secretFiles }: Credential): readonly Secret[] {
  return [
    ...Object.values(secretEnvironment),
    ...secretFiles.flatMap(({ content, instead }) => [content, instead.value]),
  ];
}

/** The secret, and each line of one that has several: stderr is shown by the line. */
function listTexts(secret: Secret): readonly string[] {
  const text = secret.reveal();
  const lines = text.split('\n').map((line) => line.trim());
  return [text, ...lines.filter(({ length }) => length >= SHORTEST_LINE_CHARACTERS)].filter(Boolean);
}
