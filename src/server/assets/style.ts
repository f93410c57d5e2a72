import { createHash } from 'node:crypto';
import { FRAME } from './style-frame.ts';
import { LISTS } from './style-lists.ts';
import { TOKENS } from './style-tokens.ts';

const LAYOUT = `
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; min-height: 100vh; display: flex; flex-direction: column;
  background: var(--ground); color: var(--text); font: 16px/1.5 var(--sans);
}
header, footer { width: 100%; max-width: 34rem; margin: 0 auto; padding: 0 1rem; }
header { display: flex; align-items: baseline; gap: .625rem; padding-top: 1.5rem; }
.mark { font: 700 1.25rem/1 var(--mono); letter-spacing: -.03em; color: var(--accent); }
.install { color: var(--text-soft); font-size: .875rem; overflow-wrap: anywhere; }
main { width: 100%; max-width: 34rem; margin: 1rem auto; padding: 0 1rem; flex: 1; }
footer { padding-bottom: 1.5rem; color: var(--text-soft); font-size: .8125rem; overflow-wrap: anywhere; }
@media (min-width: 40rem) { header { padding-top: 8vh; } }
`;

const CONTENT = `
.card { background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); padding: 1.25rem; }
@media (min-width: 40rem) { .card { padding: 1.75rem 2rem 2rem; } }
h1 { font-size: 1.375rem; line-height: 1.25; font-weight: 650; letter-spacing: -.01em; margin: 0 0 .625rem; }
p { margin: 0 0 1rem; }
.card > :last-child { margin-bottom: 0; }
.soft { color: var(--text-soft); }
a { color: var(--accent); text-underline-offset: .15em; }
.code {
  font: 600 1.625rem/1.2 var(--mono); letter-spacing: .08em; text-align: center; margin: 1rem 0;
  padding: .75rem; background: var(--sunken); border: 1px solid var(--line); border-radius: var(--radius);
}
dl { margin: 0 0 1.25rem; border-top: 1px solid var(--line); }
.fact { display: grid; grid-template-columns: 7rem 1fr; gap: 0 1rem; padding: .375rem 0; border-bottom: 1px solid var(--line); }
@media (max-width: 27rem) { .fact { grid-template-columns: 5.25rem 1fr; gap: 0 .75rem; } }
dt { color: var(--text-soft); font-size: .875rem; line-height: 1.75; }
dd { margin: 0; overflow-wrap: anywhere; }
dd .soft { display: block; font-size: .8125rem; line-height: 1.4; }
.value { font-family: var(--mono); font-size: .9375rem; }
.message { border-radius: var(--radius); padding: .625rem .875rem; margin: 0 0 1rem; border: 1px solid currentColor; }
.message.error { color: var(--danger); background: var(--danger-ground); }
.message.notice { color: var(--notice); background: var(--notice-ground); }
`;

const CONTROLS = `
label { display: block; font-weight: 600; font-size: .9375rem; margin-bottom: .25rem; }
.hint { display: block; color: var(--text-soft); font-size: .8125rem; margin-top: .25rem; }
.field { margin-bottom: 1rem; }
input, select, button { font: inherit; color: inherit; }
input, select {
  width: 100%; min-height: 2.75rem; padding: .5rem .75rem; background: var(--surface);
  border: 1px solid var(--line-strong); border-radius: var(--radius);
}
input.letters { font: 600 1.375rem/1.2 var(--mono); letter-spacing: .08em; text-transform: uppercase; text-align: center; }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; }
.actions button { flex: 1 1 9rem; }
button {
  min-height: 2.75rem; padding: .5rem 1.25rem; border-radius: var(--radius); font-weight: 600; cursor: pointer;
  background: var(--surface); border: 1px solid var(--line-strong);
}
button.primary { background: var(--accent); border-color: var(--accent); color: var(--accent-text); width: 100%; }
button.primary:hover { background: var(--accent-strong); border-color: var(--accent-strong); }
button.refuse { color: var(--danger); }
button.refuse:hover { background: var(--danger-ground); }
.actions button.primary { width: auto; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
@media (forced-colors: active) { button, .card, .message { border: 1px solid; } }
`;

/** The one style sheet of all pages. */
export const STYLE = `${TOKENS}${LAYOUT}${CONTENT}${CONTROLS}${FRAME}${LISTS}`;

/** Its address changes with its content, so that it may be kept for ever. */
export const STYLE_PATH = `/assets/jit-${createHash('sha256').update(STYLE).digest('hex').slice(0, 12)}.css`;
