import type { Duplex } from 'node:stream';
import { Client, type ClientConfig } from 'pg';

type Listening = { readonly connection: { attachListeners(stream: Duplex): void } };

/**
 * A client whose connection breaks at an answer that makes no sense. The driver reads answers in an event of
 * the stream, where its own error would otherwise be nobody's and end the process.
 */
export class CarefulClient extends Client {
  constructor(config?: string | ClientConfig) {
    super(config);
    this.on('error', () => {});
    const { connection } = this as unknown as Listening;
    const attach = connection.attachListeners.bind(connection);
    connection.attachListeners = (stream) => attach(catchErrors(stream));
  }
}

function catchErrors(stream: Duplex): Duplex {
  const emit = stream.emit.bind(stream);
  stream.emit = (event: string | symbol, ...values: readonly unknown[]): boolean => {
    try {
      return emit(event, ...values);
    } catch (error) {
      if (event !== 'data') throw error;
      stream.destroy(new Error('the answer is not PostgreSQL', { cause: error }));
      return true;
    }
  };
  return stream;
}
