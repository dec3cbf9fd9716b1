import { areaTitles, type Difference } from '../../../base/difference.ts';
import type { Printable } from '../../../base/printable.ts';
import { byArea, type Comparison } from '../../../compare/comparison.ts';
import { verdictOf } from '../../../compare/verdict.ts';
import type { VerifyReport } from '../../../compare/verify-report.ts';
import { comingBack } from '../../../session/old-processes.ts';
import { commandLine, htmlDocument, readableTime } from './document.ts';
import { html, type Markup } from './markup.ts';

/** What `crossgrade verify` has found, as one page for a change ticket. */
export function comparisonPage(report: VerifyReport): Printable {
  const { system, differences, rows, oldProcesses = [], leftForMachine = [], verdict } = report;
  const waiting = comingBack(oldProcesses);
  const open = differences.filter(({ explanation }) => explanation === null);
  const explained = differences.filter(({ explanation }) => explanation !== null);
  const [when, before] = [readableTime(report.createdAt), readableTime(report.recordedAt)];
  return htmlDocument({
    title: `After the crossgrade of ${system.hostName ?? system.root}, ${system.sourceArchitecture} to ${system.targetArchitecture}`,
    about: `Made by crossgrade ${report.tool.version}, ${when}, beside what was written down ${before}. Nothing was changed.`,
    main: [
      verdict === 'as-planned'
        ? html`<p class="verdict ready">${verdictOf(report).words}</p>`
        : html`<p class="verdict blocked">${verdictOf(report).words}</p>`,
      differencesSection('open', 'For you to look at', open, openArticle),
      rowsSection(rows),
      differencesSection('explained', 'Different, as it should be', explained, explainedArticle),
      waiting.length === 0 ? '' : oldProcessesSection(waiting),
      leftForMachine.length === 0 ? '' : leftSection(leftForMachine),
    ],
  });
}

function differencesSection(
  id: string,
  title: string,
  differences: Comparison['differences'],
  article: (one: Difference) => Markup,
): Markup | string {
  if (differences.length === 0) return '';
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>
${byArea(differences).map(
  ([area, some]) => html`<h3>${areaTitles[area]}</h3>
${some.map(article)}`,
)}</section>`;
}

function openArticle({ what, details = [], command }: Difference): Markup {
  return html`<article class="finding blocker"><p>${what}</p>
${details.length === 0 ? '' : html`<ul>${details.map((line) => html`<li><code>${line}</code></li>`)}</ul>`}
${command === undefined ? '' : commandLine(command)}</article>
`;
}

function explainedArticle({ what, explanation }: Difference): Markup {
  return html`<article class="finding note"><p>${what}</p><p class="soft">${explanation ?? ''}</p></article>
`;
}

function rowsSection(rows: Comparison['rows']): Markup {
  return html`<section aria-labelledby="rows"><h2 id="rows">Before and now</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Before and now"><table>
<thead><tr><th scope="col">What</th><th scope="col">Before</th><th scope="col">Now</th></tr></thead>
<tbody>${rows.map(
    ({ label, before, after }) => html`<tr><th scope="row">${label.trim()}</th><td>${before}</td><td>${after}</td></tr>
`,
  )}</tbody></table></div></section>`;
}

function oldProcessesSection(found: NonNullable<Comparison['oldProcesses']>): Markup {
  return html`<section aria-labelledby="old"><h2 id="old">Programs that go on as they were until they are restarted</h2>
<ul>${found.map(({ unit, programs }) => html`<li><code>${unit ?? 'no unit'}</code>: ${programs.join(', ')}</li>`)}</ul></section>`;
}

function leftSection(left: NonNullable<Comparison['leftForMachine']>): Markup {
  return html`<section aria-labelledby="left"><h2 id="left">Left to be typed on the machine that this root belongs to</h2>
${left.map(
  ({ command, why, beforeStart }) => html`<article class="finding note"><p>${why}${
    beforeStart ? ' (before the machine starts from this root, from a rescue system)' : ''
  }</p>
${commandLine(command)}</article>
`,
)}</section>`;
}
