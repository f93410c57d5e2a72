import { ASKED, agree, type Ground, inPieces, type Probe, padForm, postForm } from '../ground.ts';
import { openSlack } from './slack.ts';

/** Limits on bodies: each is asked twice, with the length said before and without. */
export const bodyProbes = {
  BODY_LIMIT_BYTES: async (size, ground) => {
    const text = JSON.stringify(ASKED).padEnd(size);
    const answers = [await preview(ground, text), await preview(ground, inPieces(text))];
    const slack = await openSlack().post('x'.repeat(size));
    return agree([...answers, slack].map((answer) => answer.status !== 413));
  },
  PROVIDER_BODY_BYTES: async (size, { server }) => {
    const fields = { client_id: 'jit-cli', grant_type: 'refresh_token', refresh_token: 'none' };
    const judge = async (answer: Response) => !(await answer.text()).includes('failed to parse');
    const text = padForm(fields, size);
    const url = `${server.url}/oauth/token`;
    return agree([await judge(await postForm(url, text)), await judge(await postForm(url, inPieces(text)))]);
  },
  TOKEN_FORM_BYTES: async (size, { server }) => {
    const text = padForm({ client_id: 'jit-cli', token: 'none' }, size);
    const url = `${server.url}/oauth/revoke`;
    const answers = [await postForm(url, text), await postForm(url, inPieces(text))];
    return agree(answers.map((answer) => answer.status === 200));
  },
  PAGE_FORM_BYTES: async (size, { server }) => {
    const text = padForm({ user_code: 'BCDF-GHJK' }, size);
    const paths = ['/device', '/device/code', '/login'];
    const answers = await Promise.all(
      paths.flatMap((path) => [
        postForm(server.url + path, text),
        postForm(server.url + path, inPieces(text)),
      ]),
    );
    return agree(answers.map((answer) => answer.status !== 413));
  },
  MOST_FORM_FIELDS: async (size, { server }) => {
    const fields = Array.from({ length: size - 2 }, (_, index) => [`field${index}`, 'x'] as [string, string]);
    const body = new URLSearchParams([['client_id', 'jit-cli'], ['token', 'none'], ...fields]);
    return (await postForm(`${server.url}/oauth/revoke`, String(body))).status === 200;
  },
  DEEPEST_JSON_LEVELS: async (size, ground) =>
    !(await complain(ground, `${'['.repeat(size)}${']'.repeat(size)}`)).includes('nested deeper'),
  MOST_JSON_KEYS: async (size, ground) => {
    const keys = Object.fromEntries(Array.from({ length: size }, (_, index) => [`key${index}`, 1]));
    return !(await complain(ground, JSON.stringify(keys))).includes('names');
  },
} satisfies Readonly<Record<string, Probe>>;

function preview(ground: Ground, body: string | ReadableStream<Uint8Array>): Promise<Response> {
  return ground.send('/v1/previews', { body });
}

async function complain(ground: Ground, body: string): Promise<string> {
  const problem = (await (await preview(ground, body)).json()) as { readonly detail: string };
  return problem.detail;
}
