#!/usr/bin/env node
// One query where there is no psql: jit exec -- node examples/query.js 'select count(*) from orders'
// It finds its way by the same variables as psql: PGHOST PGPORT PGDATABASE PGUSER, and PGPASSFILE or PGPASSWORD.
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import pg from 'pg';

const CONNECT_TIMEOUT_MS = 10_000;

/** What a terminal could act upon, shown as an escape: what is in a database was written by anybody. */
function neutralise(text) {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0).toString(16)}}`,
  );
}

/** The password in PGPASSFILE: the first line `host:port:database:user:password` that fits, `*` fits anything. */
async function readPassword({ host, port, database, user }) {
  const file = await readFile(process.env.PGPASSFILE, 'utf8');
  const wanted = [host, String(port), database, user];
  for (const line of file.split('\n')) {
    const parts = [...line.matchAll(/((?:\\.|[^:\\])*)(?::|$)/g)].map(([, part]) =>
      part.replace(/\\(.)/g, '$1'),
    );
    if (wanted.every((value, index) => parts[index] === '*' || parts[index] === value)) return parts[4];
  }
  return undefined;
}

function formatTable(columns, rows) {
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...rows.map((row) => row[index].length)),
  );
  const join = (cells) =>
    cells
      .map((cell, index) => cell.padEnd(widths[index]))
      .join(' | ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('-+-');
  return [join(columns), rule, ...rows.map(join)].join('\n');
}

async function query(text) {
  // Every value as PostgreSQL writes it, instead of as JavaScript reads it.
  const types = { getTypeParser: () => (value) => value };
  const client = new pg.Client({ types, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  if (process.env.PGPASSFILE && !process.env.PGPASSWORD) client.password = () => readPassword(client);
  client.on('error', () => {});
  await client.connect();
  try {
    const results = await client.query({ text, rowMode: 'array' });
    return Array.isArray(results) ? results : [results];
  } finally {
    await client.end();
  }
}

function show({ fields, rows, command }) {
  if (fields.length === 0) return command;
  const columns = fields.map((field) => neutralise(field.name));
  const cells = rows.map((row) => row.map((value) => (value === null ? '' : neutralise(String(value)))));
  return `${formatTable(columns, cells)}\n(${rows.length} ${rows.length === 1 ? 'row' : 'rows'})`;
}

const [text] = process.argv.slice(2);
try {
  if (!text) throw new Error("usage: node examples/query.js 'select …'");
  for (const result of await query(text)) console.log(show(result));
} catch (error) {
  const [line] = String(error.message || error.code || error).split('\n');
  console.error(`query: ${neutralise(line)}`);
  process.exitCode = 1;
}
