import type { FormBrowser, VisitedPage } from '../../../src/adapters/form-browser.ts';

type Fields = Readonly<Record<string, string>>;

/** The fields of the first form that leads there, as a browser would send them untouched; boxes that are ticked only. */
export function readFormFields(
  html: string,
  form: { readonly action: string; readonly id?: string },
): Fields {
  const opening = form.id ? `<form[^>]*id="${form.id}"[^>]*>` : `<form[^>]*action="${form.action}"[^>]*>`;
  const text = new RegExp(`${opening}(.*?)</form>`, 's').exec(html)?.[1];
  if (text === undefined) throw new Error(`no form leads to ${form.action}`);
  const inputs = [...text.matchAll(/<input[^>]*>/g)]
    .map(([tag]) => tag)
    .filter((tag) => !tag.includes('type="checkbox"') || tag.includes('checked'))
    .map((tag) => [readAttribute(tag, 'name'), readAttribute(tag, 'value')] as const);
  const selects = [...text.matchAll(/<select[^>]*name="([^"]*)"[^>]*>(.*?)<\/select>/gs)].map(
    ([, name = '', options = '']) =>
      [name, /<option value="([^"]*)" selected/.exec(options)?.[1] ?? ''] as const,
  );
  return Object.fromEntries([...inputs, ...selects]);
}

/** Posts a form of the page with some fields changed; a field that is null is left out, as an empty box is. */
export function postForm(
  browser: FormBrowser,
  page: VisitedPage,
  form: {
    readonly action: string;
    readonly id?: string;
    readonly set?: Readonly<Record<string, string | null>>;
  },
): Promise<VisitedPage> {
  const all = { ...readFormFields(page.html, form), ...form.set };
  const fields = Object.fromEntries(
    Object.entries(all).filter((field): field is [string, string] => field[1] !== null),
  );
  return browser.post(new URL(form.action, page.url).href, fields);
}

function readAttribute(tag: string, name: string): string {
  return new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? '';
}
