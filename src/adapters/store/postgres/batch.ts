import type { DatabaseError, PoolClient, Submittable } from 'pg';
import type { Statement } from './statements.ts';

/** What one statement did: rows written, and rows read as the server wrote them. */
export type RawResult = { readonly affected: number; readonly rows: readonly RawRow[] };
export type RawRow = readonly (string | null)[];

/** What came of the statements, as far as they went; `error` is what the next one met. */
export type BatchAnswer = { readonly results: readonly RawResult[]; readonly error: unknown };

export type Column = { readonly name: string; readonly dataTypeID: number };

/** Asked for what a statement's rows look like: true where that is not known yet. Told of it when the server says. */
export type Describing = {
  readonly isWanted: (statement: Statement) => boolean;
  readonly onColumns: (statement: Statement, columns: readonly Column[]) => void;
};

/** The driver's own link to the server, as far as it is used here. */
type Link = {
  readonly stream: { cork(): void; uncork(): void };
  /** Text by name, of what this connection has prepared; the driver goes by it too. */
  readonly parsedStatements: Record<string, string>;
  parse(statement: { readonly name: string; readonly text: string }): void;
  bind(values: { readonly statement: string; readonly values: readonly unknown[] }): void;
  describe(what: { readonly type: 'P' }): void;
  execute(): void;
  sync(): void;
  on(event: 'parseComplete', heard: () => void): void;
  removeListener(event: 'parseComplete', heard: () => void): void;
};

/**
 * Many statements in one message, which the server works off in their order up to the first that fails. The driver knows
 * queries one by one only: each would be a message, a time-out and a promise of its own.
 */
export function sendBatch(
  client: PoolClient,
  statements: readonly Statement[],
  describing?: Describing,
): Promise<BatchAnswer> {
  return new Promise((resolve) => {
    client.query(new Batch({ statements, describing, onAnswer: resolve }));
  });
}

type BatchParts = {
  readonly statements: readonly Statement[];
  readonly describing: Describing | undefined;
  readonly onAnswer: (answer: BatchAnswer) => void;
};

class Batch implements Submittable {
  /** The driver calls it with an error when nothing came in time; its presence makes it watch the time. */
  callback: (error: unknown) => void;
  readonly #parts: BatchParts;
  readonly #results: RawResult[] = [];
  readonly #unparsed: Statement[] = [];
  #rows: RawRow[] = [];
  #stopListening = (): void => {};

  constructor(parts: BatchParts) {
    this.#parts = parts;
    this.callback = (error) => {
      this.#stopListening();
      parts.onAnswer({ results: this.#results, error });
    };
  }

  submit(connection: unknown): void {
    const link = connection as Link;
    this.#listen(link);
    link.stream.cork();
    for (const statement of this.#parts.statements) this.#write(link, statement);
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
    if (this.#parts.describing?.isWanted(statement)) link.describe({ type: 'P' });
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

  handleRowDescription({ fields }: { readonly fields: readonly Column[] }): void {
    const statement = this.#parts.statements[this.#results.length];
    if (statement) this.#parts.describing?.onColumns(statement, fields);
  }

  handleDataRow({ fields }: { readonly fields: RawRow }): void {
    this.#rows.push(fields);
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#results.push({ affected: Number(/\d+$/.exec(text)?.[0] ?? 0), rows: this.#rows });
    this.#rows = [];
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
