/** The frame of the pages for people who are logged in, and what all of them are put together from. */
export const FRAME = `
body.wide { font-size: 15px; line-height: 1.45; }
body.wide > header, body.wide > main, body.wide > footer { max-width: none; padding-left: max(1rem, calc(50vw - 36rem)); padding-right: max(1rem, calc(50vw - 36rem)); }
.skip { position: absolute; left: -100rem; z-index: 2; background: var(--surface); padding: .5rem .75rem; border-radius: var(--radius); }
.skip:focus { left: .5rem; top: .5rem; }
.unseen { position: absolute; width: 1px; height: 1px; margin: -1px; padding: 0; overflow: hidden; clip-path: inset(50%); white-space: nowrap; border: 0; }
header.bar { align-items: center; gap: 0 .875rem; padding-top: 0; background: var(--surface); border-bottom: 1px solid var(--line); min-height: 3.25rem; flex-wrap: wrap; }
a.mark { text-decoration: none; padding: .375rem 0; }
.bar nav { display: flex; align-self: stretch; margin-left: .5rem; }
.bar nav a { display: flex; align-items: center; padding: .5rem .75rem; color: var(--text-soft); text-decoration: none; border-bottom: 2px solid transparent; border-top: 2px solid transparent; }
.bar nav a:hover { color: var(--text); }
.bar nav a[aria-current] { color: var(--text); font-weight: 600; border-bottom-color: var(--accent); }
.bar .install { display: none; }
.who { display: flex; align-items: center; gap: .25rem; margin-left: auto; min-width: 0; }
.who .name { color: var(--text-soft); font-size: .875rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
@media (min-width: 52rem) { .bar .install { display: inline; } }
@media (max-width: 36rem) {
  header.bar { padding-top: .25rem; }
  .bar nav { order: 3; flex: 1 0 100%; margin: 0 -.75rem; }
  .bar nav a { flex: 0 1 auto; min-height: 2.75rem; }
}
body.wide > main { margin: 1.25rem 0 2rem; outline: none; }
body.wide > footer { display: flex; justify-content: space-between; align-items: center; gap: 1rem; }
body.wide h1 { margin: 0; font-size: 1.375rem; overflow-wrap: anywhere; }
h2 { font-size: .9375rem; line-height: 1.3; font-weight: 650; margin: 1.5rem 0 .5rem; }
.head { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .625rem 1.5rem; }
.crumbs { margin: 0 0 .625rem; font-size: .875rem; }
.sum { margin: .75rem 0 .5rem; font-size: .875rem; }
.filter { display: flex; gap: .375rem; }
.filter input { width: 21rem; max-width: 100%; min-width: 0; }
search { max-width: 100%; }
@media (max-width: 36rem) { search { width: 100%; } .filter input { flex: 1; width: auto; } }
body.wide input, body.wide select, body.wide textarea, body.wide button, a.button { font-size: .9375rem; min-height: 2.25rem; padding: .25rem .75rem; }
@media (pointer: coarse) { body.wide input, body.wide select, body.wide button, a.button { min-height: 2.75rem; } }
body.wide label { font-size: .875rem; }
::placeholder { color: var(--text-soft); opacity: 1; }
textarea { font: inherit; color: inherit; width: 100%; background: var(--surface); border: 1px solid var(--line-strong); border-radius: var(--radius); resize: vertical; }
body.wide textarea { padding: .5rem .75rem; }
a.button { display: inline-flex; align-items: center; border-radius: var(--radius); border: 1px solid var(--line-strong); text-decoration: none; font-weight: 600; }
a.button.primary { background: var(--accent); border-color: var(--accent); color: var(--accent-text); }
button:hover { background: var(--sunken); }
body.wide button.plain { border-color: transparent; background: none; color: var(--text-soft); font-weight: 500; font-size: .875rem; padding: .25rem .5rem; }
footer button.plain { margin-right: -.5rem; }
.who button.plain { margin-right: -.5rem; }
body.wide button.plain:hover { color: var(--text); background: var(--sunken); }
body.wide button.small { min-height: 1.875rem; padding: .125rem .625rem; font-size: .875rem; }
@media (pointer: coarse) { body.wide button.small { min-height: 2.75rem; } }
button.refuse.strong { background: var(--danger); border-color: var(--danger); color: var(--surface); }
button.refuse.strong:hover { background: var(--text); border-color: var(--text); }
input.short { max-width: 10rem; }
.choice { display: flex; align-items: center; gap: .5rem; font-weight: 400; padding: .25rem 0; margin: 0; }
body.wide .choice input { width: 1.125rem; min-height: 1.125rem; height: 1.125rem; flex: none; accent-color: var(--accent); }
fieldset { border: 0; padding: 0; min-width: 0; }
legend { font-weight: 600; font-size: .875rem; padding: 0; margin-bottom: .25rem; }
kbd { font: 600 .8125rem/1.3 var(--mono); border: 1px solid var(--line-strong); border-radius: 4px; padding: 0 .3125rem; background: var(--surface); color: var(--text); }
code { font-family: var(--mono); font-size: .9375em; overflow-wrap: anywhere; }
.scope { padding: .0625rem .3125rem; border-radius: 4px; background: var(--sunken); border: 1px solid var(--line); color: var(--text); }
.tag { display: inline-block; padding: 0 .5rem; border-radius: 1rem; border: 1px solid var(--line-strong); font-size: .8125rem; line-height: 1.4375rem; white-space: nowrap; color: var(--text); }
.tag.good { color: var(--accent); border-color: currentColor; }
.tag.notice { color: var(--notice); background: var(--notice-ground); border-color: currentColor; }
.tag.danger { color: var(--danger); background: var(--danger-ground); border-color: currentColor; }
.ticket { font: 600 .875rem var(--mono); margin-right: .5rem; overflow-wrap: anywhere; }
.said { overflow-wrap: anywhere; }
.panel { background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); padding: 1rem 1.125rem; }
.message.done { color: var(--accent); background: var(--surface); }
.message a { color: inherit; }
.message ul { margin: .25rem 0 0; padding-left: 1.25rem; }
body.wide .message { margin: .75rem 0; padding: .5rem .875rem; }
.empty { padding: 3rem 1rem; text-align: center; background: var(--surface); border: 1px dashed var(--line-strong); border-radius: var(--radius); }
.empty .soft { display: block; }
dialog { border: 1px solid var(--line-strong); border-radius: 12px; padding: 1.25rem 1.5rem; width: min(30rem, calc(100vw - 2rem)); background: var(--surface); color: var(--text); box-shadow: 0 1rem 3rem rgb(0 0 0 / .3); }
dialog::backdrop { background: rgb(0 0 0 / .45); }
dialog h2 { margin-top: 0; font-size: 1.125rem; }
dialog .why { margin: 0 0 1rem; overflow-wrap: anywhere; }
dialog > form { margin-top: .5rem; }
dialog .asked { padding: .625rem .75rem; background: var(--sunken); border: 1px solid var(--line); border-radius: var(--radius); overflow-wrap: anywhere; }
.keys { border: 0; }
.keys > div { display: grid; grid-template-columns: 4rem 1fr; padding: .1875rem 0; }
`;
