/** Any JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export type JsonObject = { readonly [name: string]: Json };

const WIDTH_CHARACTERS = 100;

/** JSON for people: what fits into a line is on one. */
export function formatDocument(value: Json, indent = ''): string {
  const inline = JSON.stringify(value);
  if (inline.length + indent.length <= WIDTH_CHARACTERS || value === null || typeof value !== 'object')
    return inline;
  const deeper = `${indent}  `;
  const lines = Array.isArray(value)
    ? value.map((item) => formatDocument(item, deeper))
    : Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}: ${formatDocument(item, deeper)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${lines.map((line) => deeper + line).join(',\n')}\n${indent}${close}`;
}
