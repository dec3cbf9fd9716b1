/** The look of the report: light, dark, narrow and on paper. */
export const style = `
:root {
  color-scheme: light dark;
  --text: #1d2330; --soft: #525b6b; --page: #ffffff; --panel: #f4f6f9; --line: #d3d9e2; --link: #1a56b0;
  --red: #a51d1d; --red-soft: #fdecec; --amber: #7a4d00; --amber-soft: #fff4dc; --green: #14632f;
  --green-soft: #e6f5ea; --blue: #1c4f8f; --blue-soft: #e8f0fb; --box: #dbe7f8; --box-line: #6f93c4;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #e6e9ef; --soft: #a7b0bf; --page: #14171d; --panel: #1d222b; --line: #39414f; --link: #8db8ff;
    --red: #ff9d97; --red-soft: #3a1b1b; --amber: #f2c46d; --amber-soft: #352a12; --green: #86d69f;
    --green-soft: #16301f; --blue: #9cc3f7; --blue-soft: #182a42; --box: #24406a; --box-line: #6f93c4;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 64rem; padding: 1.5rem 1rem 4rem; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif;
}
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .75rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 0 0 .35rem; }
p { margin: 0 0 .6rem; }
code, kbd { font: .92em ui-monospace, monospace; overflow-wrap: anywhere; }
ul { margin: .25rem 0 .6rem; padding-left: 1.3rem; }
.affected { margin: 0 0 .6rem; }
.soft { color: var(--soft); }
.verdict { border-left: .4rem solid; border-radius: .25rem; padding: .8rem 1rem; margin: 1rem 0; font-size: 1.1rem; font-weight: 600; }
.blocked, .blocker { border-color: var(--red); }
.verdict.blocked { background: var(--red-soft); color: var(--red); }
.decisions-open, .in-progress, .warning { border-color: var(--amber); }
.verdict.decisions-open, .verdict.in-progress { background: var(--amber-soft); color: var(--amber); }
.ready, .nothing-to-do { border-color: var(--green); }
.verdict.ready, .verdict.nothing-to-do { background: var(--green-soft); color: var(--green); }
.note { border-color: var(--blue); }
.finding, .decision {
  border: 1px solid var(--line); border-left-width: .35rem; border-radius: .25rem; padding: .8rem 1rem; margin: 0 0 .8rem;
  background: var(--panel); break-inside: avoid;
}
.finding.blocker { border-left-color: var(--red); }
.finding.warning { border-left-color: var(--amber); }
.finding.note { border-left-color: var(--blue); }
.tag { display: inline-block; border-radius: .8rem; padding: 0 .6rem; font-size: .8rem; margin-right: .4rem; border: 1px solid; }
.tag.blocker { color: var(--red); background: var(--red-soft); }
.tag.warning { color: var(--amber); background: var(--amber-soft); }
.tag.note { color: var(--blue); background: var(--blue-soft); }
.command { display: flex; gap: .5rem; align-items: flex-start; margin: .3rem 0; }
.command code { flex: 1; background: var(--page); border: 1px solid var(--line); border-radius: .25rem; padding: .25rem .5rem; white-space: pre-wrap; }
button, input, select {
  font: inherit; color: var(--text); background: var(--page); border: 1px solid var(--soft); border-radius: .25rem; padding: .2rem .6rem;
}
button { cursor: pointer; }
button:focus-visible, input:focus-visible, select:focus-visible, summary:focus-visible, .scroll:focus-visible { outline: 3px solid var(--link); outline-offset: 1px; }
.copy, .filter { display: none; }
.js .copy { display: inline-block; }
.js .filter { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: end; margin: 0 0 .8rem; }
.filter label { display: grid; font-size: .9rem; color: var(--soft); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: 0 0 1rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
thead th { color: var(--soft); font-weight: 600; }
tbody th { font-weight: 600; }
tr.border th, tr.border td { border-top: 3px dashed var(--red); }
.number { text-align: right; white-space: nowrap; }
.change { white-space: nowrap; }
.calls span { white-space: nowrap; }
.version { overflow-wrap: anywhere; min-width: 8rem; }
.scroll { overflow-x: auto; }
.packages { min-width: 46rem; }
.packages tbody th { min-width: 9rem; }
figure { margin: 0; }
svg { display: block; width: 100%; min-width: 48rem; height: auto; }
svg text { font: 13px system-ui, sans-serif; fill: var(--text); }
svg .small { font-size: 11px; fill: var(--soft); }
svg .name { font-weight: 600; }
svg .box { fill: var(--box); stroke: var(--box-line); }
svg .inside { text-anchor: middle; }
svg .border { stroke: var(--red); stroke-width: 2; stroke-dasharray: 7 5; }
svg .border-text { fill: var(--red); font-weight: 600; }
svg .flow { stroke: var(--soft); stroke-width: 1.5; }
summary { cursor: pointer; }
.names { columns: 16rem; font-size: .9rem; list-style: none; padding: 0; }
@media print {
  :root {
    color-scheme: light;
    --text: #000; --soft: #444; --page: #fff; --panel: #fff; --line: #aaa; --red: #8d1414; --red-soft: #fff; --amber: #6b4300;
    --amber-soft: #fff; --green: #0f5227; --green-soft: #fff; --blue: #1c4f8f; --blue-soft: #fff; --box: #e9eff8; --box-line: #446;
  }
  body { max-width: none; padding: 0; font-size: 10pt; }
  table { font-size: 8.5pt; }
  .packages { min-width: 0; }
  .scroll { overflow: visible; }
  svg { min-width: 0; }
  .js .copy, .js .filter { display: none; }
  details::details-content { content-visibility: visible; height: auto; }
  tr, .finding, figure { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
}
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; } dd { margin: 0 0 .4rem; } }
`;
