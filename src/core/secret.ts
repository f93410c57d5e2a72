const REDACTED = '[redacted]';

/**
 * A value that must not be seen. Its string, JSON and inspect forms are `[redacted]`;
 * `reveal` is the only way to the text, so every use of it can be found by searching.
 */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return REDACTED;
  }
}
