/** A page as a browser without script sees it. */
export type VisitedPage = {
  readonly status: number;
  readonly url: string;
  readonly html: string;
  readonly headers: Headers;
  /** The fields of the first form, as they stand. */
  readonly fields: Readonly<Record<string, string>>;
  readonly action: string;
  readonly method: string;
};

/** Follows redirects, keeps cookies, reads forms and posts them: what a person does, by plain HTTP. */
export type FormBrowser = {
  readonly cookies: Map<string, string>;
  get(url: string): Promise<VisitedPage>;
  submit(page: VisitedPage, fields: Readonly<Record<string, string>>): Promise<VisitedPage>;
  post(
    url: string,
    fields: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<VisitedPage>;
};

export function createFormBrowser(): FormBrowser {
  const cookies = new Map<string, string>();
  const send = async (url: string, init: RequestInit): Promise<VisitedPage> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = new Headers(init.headers);
    if (cookie) headers.set('cookie', cookie);
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) keepCookie(cookies, line);
    const location = response.headers.get('location');
    if (response.status === 303 && location) return send(new URL(location, url).href, { method: 'GET' });
    return readPage(url, response);
  };
  const browser: FormBrowser = {
    cookies,
    get: (url) => send(url, { method: 'GET' }),
    post: (url, fields, headers = {}) =>
      send(url, { method: 'POST', body: new URLSearchParams(fields), headers }),
    submit: (page, fields) => {
      const url = new URL(page.action, page.url);
      const all = { ...page.fields, ...fields };
      if (page.method === 'post') return browser.post(url.href, all);
      url.search = new URLSearchParams(all).toString();
      return browser.get(url.href);
    },
  };
  return browser;
}

function keepCookie(cookies: Map<string, string>, line: string): void {
  const [pair = ''] = line.split(';');
  const [name = '', value = ''] = pair.split('=');
  cookies.set(name, value);
}

async function readPage(url: string, response: Response): Promise<VisitedPage> {
  const html = await response.text();
  const form = /<form[^>]*>/.exec(html)?.[0] ?? '';
  const inputs = [...html.matchAll(/<input[^>]*>/g)].map(([tag]) => tag);
  return {
    status: response.status,
    url,
    html,
    headers: response.headers,
    action: readAttribute(form, 'action'),
    method: readAttribute(form, 'method'),
    fields: Object.fromEntries(
      inputs.map((tag) => [readAttribute(tag, 'name'), readAttribute(tag, 'value')]),
    ),
  };
}

function readAttribute(tag: string, name: string): string {
  return new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? '';
}
