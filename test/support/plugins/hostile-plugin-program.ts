import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { encodeGrant } from '../../../src/core/wire/grant.ts';
import { encodeRequest } from '../../../src/core/wire/request.ts';
import { buildGrantView, buildRequestView } from '../fakes/fake-backend.ts';

/** Run as a plugin: behaves well but for one thing, which the first argument names. */
type Question = { readonly id: number; readonly method: string; readonly params: Record<string, unknown> };

const METHODS = [
  'submit',
  'read_request',
  'follow',
  'claim',
  'read_status',
  'revoke',
  'read_grant',
  'cancel',
];
const GREETING = { protocol: 1, name: 'hostile', methods: METHODS };
const manner = process.argv[2] ?? '';
const HOUR_MS = 3_600_000;
const ENDLESS_MS = 600_000;

const write = (text: string | Uint8Array): boolean => process.stdout.write(text);
const say = (message: unknown): boolean => write(`${JSON.stringify(message)}\n`);
const answer = (id: unknown, result: unknown): boolean => say({ jsonrpc: '2.0', id, result });

function pendingRequest(id: unknown) {
  const view = buildRequestView({
    id: String(id),
    state: 'pending',
    grantId: null,
    lapsesAt: Date.now() + HOUR_MS,
  });
  return { request: encodeRequest(view) };
}

function claimed(id: unknown, environment = '{}'): string {
  const request = encodeRequest(buildRequestView({ id: String(id) }));
  const grant = encodeGrant(buildGrantView({ requestId: String(id) }));
  const credential = `{"environment":${environment},"secret_environment":{},"secret_files":[],"removes":[]}`;
  return `{"request":${JSON.stringify(request)},"grant":${JSON.stringify(grant)},"token":"t","credential":${credential}}`;
}

function behave({ id, method, params }: Question): void {
  if (method === 'initialize') return void answer(id, GREETING);
  if (method === 'submit') return void answer(id, { ...pendingRequest('req_1'), claimed: null });
  if (method === 'claim') return void write(`{"jsonrpc":"2.0","id":${id},"result":${claimed(params.id)}}\n`);
  answer(id, pendingRequest(params.id));
}

function flood(stream: NodeJS.WriteStream, text: string): void {
  const more = (): void => {
    while (stream.write(text));
    stream.once('drain', more);
  };
  more();
}

function leaveChild(): void {
  const child = spawn(process.execPath, ['-e', `setTimeout(() => {}, ${ENDLESS_MS})`], { stdio: 'inherit' });
  tell(child.pid);
}

function tell(pid: number | undefined): void {
  appendFileSync('pids', `${pid}\n`);
}

const withText = (text: string) => (question: Question) =>
  void write(`{"jsonrpc":"2.0","id":${question.id},"result":${text}}\n`);
const changed = (change: object) => (question: Question) =>
  void answer(question.id, {
    request: { ...pendingRequest(question.params.id).request, ...change },
  });

/** What it does with every question but the first. */
const MANNERS: Readonly<Record<string, (question: Question) => void>> = {
  'hang in the middle': ({ id }) => void write(`{"jsonrpc":"2.0","id":${id},"res`),
  'hang for an answer': () => undefined,
  crash: () => {
    process.stderr.write('it hurts \u001b[31mhere\n');
    process.exitCode = 3;
    process.exit();
  },
  'kill itself': () => void process.kill(process.pid, 'SIGKILL'),
  'flood stdout': () => flood(process.stdout, 'x'.repeat(65_536)),
  'flood stdout with lines': () => flood(process.stdout, '{"jsonrpc":"2.0"}\n'.repeat(4_096)),
  'flood stderr': () => flood(process.stderr, 'hear me\n'.repeat(8_192)),
  'answer about another request': changed({ id: 'req_2' }),
  'answer twice': (question) => {
    behave(question);
    behave(question);
  },
  'answer another question': (question) => behave({ ...question, id: question.id + 1 }),
  'answer the question before': (question) => behave({ ...question, id: question.id - 1 }),
  'answer with an id of text': ({ id }) => void answer(String(id), {}),
  'answer with huge numbers': ({ id, params }) => {
    const text = JSON.stringify(pendingRequest(params.id)).replace(
      '"duration_seconds":1800',
      '"duration_seconds":1e999',
    );
    withText(text)({ id, method: '', params });
  },
  'answer with a number that is none': changed({ duration_seconds: 2 ** 53 }),
  'answer with depth': withText(`${'['.repeat(200_000)}${']'.repeat(200_000)}`),
  'answer with a state that there is not': changed({ state: 'granted' }),
  'answer with __proto__': ({ id }) =>
    void write(`{"jsonrpc":"2.0","id":${id},"result":{"__proto__":{"request":{}}}}\n`),
  'answer with binary': () => void write(new Uint8Array([0xff, 0xfe, 0x00, 0x0a])),
  'answer with HTML': () => void write('<!DOCTYPE html>\n'),
  'answer with nothing': () => void write('\n'),
  'answer with a list': ({ id, params }) =>
    void say([{ jsonrpc: '2.0', id, result: pendingRequest(params.id) }]),
  'answer yes and no': ({ id }) =>
    void say({ jsonrpc: '2.0', id, result: {}, error: { code: 1, message: 'no' } }),
  'answer neither yes nor no': ({ id }) => void say({ jsonrpc: '2.0', id }),
  'ask something itself': () => void say({ jsonrpc: '2.0', id: 1, method: 'sampling', params: {} }),
  'refuse with a code that is none': ({ id }) =>
    void say({ jsonrpc: '2.0', id, error: { code: 1, message: 'no', data: { code: 'constructor' } } }),
  'set what it may not': (question) =>
    void write(
      `{"jsonrpc":"2.0","id":${question.id},"result":${claimed(question.params.id, '{"LD_PRELOAD":"/tmp/x.so"}')}}\n`,
    ),
  'leave a child': (question) => {
    leaveChild();
    behave(question);
  },
  'leave a child and crash': () => {
    leaveChild();
    process.exit(3);
  },
  'refuse to end': (question) => {
    process.on('SIGTERM', () => undefined);
    setTimeout(() => undefined, ENDLESS_MS);
    behave(question);
  },
  'show its environment': ({ id }) =>
    void say({ jsonrpc: '2.0', id, error: { code: 1, message: JSON.stringify(process.env) } }),
  'end after each answer': (question) => {
    behave(question);
    process.exit();
  },
};

/** What it does with the first question. */
const GREETINGS: Readonly<Record<string, (question: Question) => void>> = {
  'hang at the start': () => undefined,
  'crash at the start': () => process.exit(4),
  'speak another version': ({ id }) => void answer(id, { ...GREETING, protocol: 2 }),
  'say nothing of itself': ({ id }) => void answer(id, {}),
};

tell(process.pid);
const input = createInterface({ input: process.stdin });
input.on('line', (line) => {
  const question = JSON.parse(line) as Question;
  const act = question.method === 'initialize' ? GREETINGS[manner] : MANNERS[manner];
  (act ?? behave)(question);
});
