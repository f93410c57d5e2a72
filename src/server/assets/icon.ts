import { createHash } from 'node:crypto';

/** What a browser's tab shows. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0b6655"/><circle cx="16" cy="16" r="9" fill="none" stroke="#fff" stroke-opacity=".45" stroke-width="3"/><path d="M16 7a9 9 0 0 1 9 9" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round"/></svg>`;

export const ICON_PATH = `/assets/jit-${createHash('sha256').update(ICON).digest('hex').slice(0, 12)}.svg`;
