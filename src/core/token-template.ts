/** What stands for a value that only the holder of a grant's token has: `{token_file}` is a secret file with the token. */
export const PLACEHOLDERS = ['token', 'token_file', 'grant_id', 'scopes', 'expires_at'] as const;

export type Placeholder = (typeof PLACEHOLDERS)[number];

/** `{name}` is a placeholder, `{{name}}` is a plain `{name}`; every other brace is a brace, so that JSON can be written as it is. */
const MARKED = /\{\{([A-Za-z_]\w*)\}\}|\{([A-Za-z_]\w*)\}/g;

/** The names in a template that stand for nothing. */
export function listUnknownPlaceholders(template: string): readonly string[] {
  return listNames(template).filter((name) => !isPlaceholder(name));
}

/** The text; only what is needed is asked for. A name that stands for nothing is left as it is. */
export function fillTemplate(template: string, read: (placeholder: Placeholder) => string): string {
  return template.replace(MARKED, (written, plain: string | undefined, name: string | undefined) => {
    if (plain !== undefined) return `{${plain}}`;
    return name !== undefined && isPlaceholder(name) ? read(name) : written;
  });
}

function listNames(template: string): readonly string[] {
  return [...template.matchAll(MARKED)].flatMap(([, , name]) => (name === undefined ? [] : [name]));
}

function isPlaceholder(name: string): name is Placeholder {
  return PLACEHOLDERS.some((placeholder) => placeholder === name);
}
