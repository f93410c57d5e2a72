import * as v from 'valibot';
import { duration, line, path, settings } from '../../../core/config/fields.ts';
import type { SessionSettings } from './session-settings.ts';
import { TLS_MODES } from './transport.ts';

const MOST_SECONDS = 7 * 86_400;
const MOST_CONNECTIONS = 1000;
const LONGEST_BYTES = 63;

/** The name of a schema or a database, as it is: the server quotes it. */
const sqlName = v.pipe(
  line,
  v.check(
    (name) => new TextEncoder().encode(name).length <= LONGEST_BYTES,
    `must be a name of at most ${LONGEST_BYTES} bytes`,
  ),
);

/** The first is where a session begins that names none. */
export const databaseNames = v.pipe(
  v.array(sqlName),
  v.minLength(1, 'must name a database'),
  v.check((names) => new Set(names).size === names.length, 'names a database twice'),
);

/** What one scope's sessions begin with. */
export const sessionSettings = v.pipe(
  settings({
    search_path: v.optional(v.pipe(v.array(sqlName), v.minLength(1, 'must name a schema'))),
    statement_timeout: v.optional(
      v.pipe(
        duration,
        v.minValue(1, 'must be a second or more'),
        v.maxValue(MOST_SECONDS, 'must be 7 days or less'),
      ),
    ),
    connection_limit: v.optional(
      v.pipe(
        v.number('must be a number'),
        v.integer('must be a whole number'),
        v.minValue(1, 'must be 1 or more'),
        v.maxValue(MOST_CONNECTIONS, `must be ${MOST_CONNECTIONS} or less`),
      ),
    ),
  }),
  v.transform(
    (file): SessionSettings => ({
      searchPath: file.search_path,
      statementTimeoutSeconds: file.statement_timeout,
      connectionLimit: file.connection_limit,
    }),
  ),
);

/** How connections are protected. A relative path would depend on where the server was started. */
export const tlsSettings = settings({
  mode: v.optional(v.picklist(TLS_MODES, `must be one of ${TLS_MODES.join(', ')}`)),
  ca: v.optional(v.pipe(path, v.startsWith('/', 'must be an absolute path'))),
});
