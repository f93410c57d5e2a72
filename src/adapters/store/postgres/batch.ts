import type { DatabaseError, PoolClient, Submittable } from 'pg';
import type { StepResult } from '../steps.ts';
import type { Statement } from './statements.ts';

/** What came of the statements, as far as they went; `error` is what the next one met. */
export type BatchAnswer = { readonly results: readonly StepResult[]; readonly error: unknown };

/** The driver's own link to the server, as far as it is used here. */
type Link = {
  readonly stream: { cork(): void; uncork(): void };
  /** Text by name, of what this connection has prepared; the driver goes by it too. */
  readonly parsedStatements: Record<string, string>;
  parse(statement: { readonly name: string; readonly text: string }): void;
  bind(values: { readonly statement: string; readonly values: readonly unknown[] }): void;
  execute(): void;
  sync(): void;
  on(event: 'parseComplete', heard: () => void): void;
  removeListener(event: 'parseComplete', heard: () => void): void;
};

/**
 * Many statements in one message, which the server works off in their order up to the first that fails. The driver knows
 * queries one by one only: each would be a message, a time-out and a promise of its own.
 */
export function sendBatch(client: PoolClient, statements: readonly Statement[]): Promise<BatchAnswer> {
  return new Promise((resolve) => {
    client.query(new Batch(statements, resolve));
  });
}

class Batch implements Submittable {
  /** The driver calls it with an error when nothing came in time; its presence makes it watch the time. */
  callback: (error: unknown) => void;
  readonly #statements: readonly Statement[];
  readonly #results: StepResult[] = [];
  readonly #unparsed: Statement[] = [];
  #rows = 0;
  #first: unknown = null;
  #stopListening = (): void => {};

  constructor(statements: readonly Statement[], onAnswer: (answer: BatchAnswer) => void) {
    this.#statements = statements;
    this.callback = (error) => {
      this.#stopListening();
      onAnswer({ results: this.#results, error });
    };
  }

  submit(connection: unknown): void {
    const link = connection as Link;
    this.#listen(link);
    link.stream.cork();
    for (const statement of this.#statements) this.#write(link, statement);
    link.sync();
    link.stream.uncork();
  }

  #write(link: Link, statement: Statement): void {
    const { name = '', text, values } = statement;
    const isOnItsWay = this.#unparsed.some((other) => other.name === name);
    if (name === '' || (link.parsedStatements[name] === undefined && !isOnItsWay)) {
      link.parse({ name, text });
      this.#unparsed.push(statement);
    }
    link.bind({ statement: name, values: values.map(toText) });
    link.execute();
  }

  #listen(link: Link): void {
    const heard = (): void => {
      const { name, text } = this.#unparsed.shift() ?? {};
      if (name !== undefined && text !== undefined) link.parsedStatements[name] = text;
    };
    link.on('parseComplete', heard);
    this.#stopListening = () => link.removeListener('parseComplete', heard);
  }

  handleDataRow({ fields }: { readonly fields: readonly unknown[] }): void {
    if (this.#rows === 0) this.#first = fields[0];
    this.#rows += 1;
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    const affected = Number(/\d+$/.exec(text)?.[0] ?? 0);
    this.#results.push({ affected, rows: this.#rows, first: this.#first });
    this.#rows = 0;
    this.#first = null;
  }

  handleError(error: DatabaseError): void {
    this.callback(error);
  }

  handleReadyForQuery(): void {
    this.callback(null);
  }
}

// The tables have text and numbers only.
function toText(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}
