/** The inbox, the grants, the history; and the page of one request. */
export const LISTS = `
.rows, .lines, .timeline { list-style: none; margin: 0; padding: 0; background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); }
.row { position: relative; display: grid; grid-template-columns: 1fr auto; gap: .25rem .75rem; padding: .625rem .875rem; border-bottom: 1px solid var(--line); }
.row:last-child, .lines > li:last-child, .timeline > li:last-child { border-bottom: 0; }
.row:hover { background: var(--sunken); }
.row:focus-within { background: var(--sunken); box-shadow: inset 3px 0 0 var(--focus); }
.row.loud { box-shadow: inset 3px 0 0 var(--danger); }
.row.loud:focus-within { box-shadow: inset 3px 0 0 var(--focus); }
.row-who { display: flex; flex-wrap: wrap; gap: 0 .625rem; align-items: baseline; min-width: 0; overflow-wrap: anywhere; }
.row-who .soft, .row-state .soft, .row-why .soft { font-size: .8125rem; }
.row-what { grid-column: 1 / -1; color: inherit; text-decoration: none; min-width: 0; }
.row-what::after { content: ""; position: absolute; inset: 0; }
.row-what:focus-visible { outline: none; }
.row-what:focus-visible::after { outline: 3px solid var(--focus); outline-offset: -3px; border-radius: var(--radius); }
.row-what .for { color: var(--text-soft); white-space: nowrap; }
.row-why { grid-column: 1 / -1; margin: 0; min-width: 0; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }
.row.grant .row-why { display: block; overflow-wrap: anywhere; }
.row-state { display: flex; flex-wrap: wrap; gap: .25rem .5rem; align-items: center; justify-content: flex-end; grid-row: 1; grid-column: 2; }
.row-state form, .row-state button { position: relative; z-index: 1; }
.what { line-height: 1.7; }
.what .on { color: var(--text-soft); }
@media (min-width: 60rem) {
  .row { grid-template-columns: 8.5rem minmax(0, 24rem) minmax(0, 1fr) 15rem; align-items: start; gap: .25rem 1.25rem; }
  .row.grant { grid-template-columns: 8.5rem minmax(0, 22rem) minmax(0, 1fr) 12rem; }
  .row-who { flex-direction: column; gap: 0; }
  .row-what, .row-why { grid-column: auto; }
  .row-state { grid-column: 4; }
}
@media (max-width: 59.99rem) { .row.loud .row-state, .row .row-state { max-width: 12rem; } }
.pager { display: flex; gap: 1rem; align-items: center; justify-content: center; padding: .875rem 0; }
.lines > li { display: grid; gap: .125rem 1.25rem; padding: .5rem .875rem; border-bottom: 1px solid var(--line); grid-template-columns: minmax(0, 1fr) auto; align-items: start; }
.line-side { font-size: .875rem; overflow-wrap: anywhere; }
.line-what { grid-column: 1 / -1; min-width: 0; color: inherit; }
.line-why { grid-column: 1 / -1; min-width: 0; font-size: .875rem; overflow-wrap: anywhere; }
.line-state { grid-row: 1; grid-column: 2; display: flex; flex-wrap: wrap; gap: .25rem .5rem; align-items: center; justify-content: flex-end; font-size: .875rem; }
a.line-what { text-decoration: none; }
a.line-what:hover .scope { border-color: var(--line-strong); }
@media (min-width: 36rem) {
  .request-more .lines > li { grid-template-columns: 8.5rem minmax(0, 1fr) auto; gap: 0 .5rem; }
  .request-more .lines .line-what { grid-column: 2; grid-row: 1; }
  .request-more .lines .line-why { grid-column: 2 / -1; }
  .request-more .lines .line-state { grid-column: 3; }
  .request-more .verdict .line-what { grid-column: 1 / 3; }
  .request-more .verdict .line-why { grid-column: 1 / -1; }
  .request-more .verdict .line-side { grid-column: 3; grid-row: 1; }
}
@media (min-width: 60rem) {
  main > .lines > li, #list > .lines > li { grid-template-columns: 9rem minmax(0, 20rem) minmax(0, 1fr) auto; }
  main > .lines > li > *, #list > .lines > li > * { grid-column: auto; grid-row: auto; }
}
.head + #list > .lines, .panel + .lines { margin-top: .875rem; }
.many { margin-top: 2rem; }
.many-forms { display: flex; flex-wrap: wrap; gap: .875rem 1.5rem; align-items: flex-end; margin-bottom: .5rem; }
.joined { display: flex; gap: .375rem; }
.joined select, .joined input { width: auto; min-width: 9rem; max-width: 16rem; }
.request { display: grid; gap: 1rem; }
.request-head { background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius); padding: 1rem 1.125rem; }
.request-head h1 .soft { font-weight: 500; }
.states { display: flex; flex-wrap: wrap; gap: .25rem .5rem; align-items: center; margin: .5rem 0; font-size: .875rem; }
.usual { margin: .25rem 0 .75rem; font-size: .875rem; }
.facts { margin: .75rem 0 0; }
.facts .fact { grid-template-columns: 6rem 1fr; }
.facts .fact:last-child { border-bottom: 0; padding-bottom: 0; }
.facts dd > .soft { margin-left: .625rem; }
@media (min-width: 36rem) { .facts dd > .soft { display: inline; } }
@media (max-width: 36rem) { .facts dd > .soft { margin-left: 0; } .facts .fact { grid-template-columns: 5rem 1fr; } }
.request-head > form { margin-top: .75rem; }
blockquote { margin: 0; padding: 0; font-size: 1rem; }
.request-act h2 { margin-top: 0; font-size: 1.0625rem; }
.panel > :last-child, .panel form > :last-child { margin-bottom: 0; }
.panel form.second { margin-top: 1rem; padding-top: 1rem; border-top: 1px solid var(--line); }
.panel .second > button.refuse, .panel > form:not(.second) > button.refuse:not(.strong) { width: 100%; }
.panel .actions button { width: auto; flex-basis: 7rem; }
.request-more section { margin-bottom: 1.25rem; }
.request-more h2 { margin-top: .5rem; }
.request-more .lines + .soft { margin: .5rem 0 0; font-size: .875rem; }
.timeline > li { display: grid; grid-template-columns: 8.5rem 1fr; gap: .5rem; padding: .4375rem .875rem; border-bottom: 1px solid var(--line); }
.timeline .said { display: block; }
@media (max-width: 36rem) { .timeline > li { grid-template-columns: 1fr; gap: 0; } }
@media (min-width: 60rem) {
  .request { grid-template-columns: minmax(0, 1fr) 21rem; grid-template-rows: auto 1fr; column-gap: 1.5rem; }
  .request-head, .request-more { grid-column: 1; }
  .request-act { grid-column: 2; grid-row: 1 / span 2; }
  .request-act .panel { position: sticky; top: 1rem; }
}
@media print { header.bar, .request-act, footer { display: none; } }
`;
