import type { Finding, Remedy, Severity } from '../../../base/finding.ts';
import type { Printable } from '../../../base/printable.ts';
import { needsRoot } from '../../../base/unseen.ts';
import type { CheckReport, Decision, PackageRow, PlannedReport } from '../../../check/check-report-schema.ts';
import { formatBytes, formatCount, plural } from '../../words/format.ts';
import { changeWords, waveWords } from '../../words/plan-words.ts';
import { arePhrases } from '../../words/text.ts';
import { asRoot } from '../check-view.ts';
import {
  assumptionText,
  countsOfChecks,
  releaseName,
  resultText,
  roughly,
  stateOf,
  verdictText,
  wayOf,
} from '../check-words.ts';
import { commandLine, htmlDocument, readableTime } from './document.ts';
import { html, type Markup } from './markup.ts';
import { planPicture } from './plan-picture.ts';

/** The report as one page for a change ticket. */
export function htmlReport(report: CheckReport): Printable {
  const { system, verdict, plan } = report;
  const name = system.hostName ?? system.root;
  return htmlDocument({
    title: `Crossgrade of ${name}, ${wayOf(system)}`,
    about: `Dry-run report of crossgrade ${report.tool.version}, made ${readableTime(report.createdAt)}. Nothing was changed.`,
    main: [
      html`<p class="verdict ${verdict}">${verdictText(report)}</p>`,
      summary(report),
      progressSection(report),
      findingsSection(report.findings, report.decisions),
      decisionsSection(report.decisions),
      ...(plan === null ? [] : [planSection(plan), packagesSection(plan), endSection(plan, system.packages)]),
      checksSection(report),
      unseenSection(report),
    ],
  });
}

function summary(report: CheckReport): Markup {
  const { system, plan } = report;
  const { release } = system;
  const assumed = assumptionText(report);
  const rows: [string, string][] = [
    ['System', `${releaseName(release)}, ${plural(system.packages, 'package')}`],
    ['Root', system.root],
  ];
  if (plan) {
    const { download, filesystems, duration, calls, pointOfNoReturn } = plan;
    const changes = changeWords.filter(([change]) => plan.counts[change] > 0);
    rows.push(
      ...(assumed === undefined ? [] : [['Open decisions', assumed] satisfies [string, string]]),
      ['Packages', changes.map(([change, , short]) => `${formatCount(plan.counts[change])} ${short}`).join(', ')],
      ['Download', `${formatBytes(download.bytes)} in ${plural(download.archives, 'archive')}`],
      ...filesystems.map(({ paths, neededBytes, freeBytes }): [string, string] => [
        `Disk: ${paths.join(', ')}`,
        `${formatBytes(neededBytes)} needed at the worst moment, ${formatBytes(freeBytes)} free`,
      ]),
      ['Time', `about ${roughly(duration.seconds)}. ${duration.basis}`],
      [
        'Way back',
        pointOfNoReturn === null
          ? `at any time, during all ${plural(calls, 'dpkg call')}`
          : pointOfNoReturn.afterCall === 0
            ? `until the first of ${plural(calls, 'dpkg call')}; then only forward`
            : `until dpkg call ${pointOfNoReturn.afterCall} of ${calls}; then only forward`,
      ],
    );
  }
  return html`<dl>${rows.map(
    ([term, text]) => html`<dt>${term}</dt><dd>${text}</dd>
`,
  )}</dl>`;
}

function progressSection({ progress }: CheckReport): Markup | string {
  if (!progress) return '';
  return html`<h2>Still to do</h2>
<ul>${progress.remaining.map((title) => html`<li>${title}</li>`)}</ul>`;
}

const severities: readonly (readonly [Severity, string])[] = [
  ['blocker', 'Blocker'],
  ['warning', 'Warning'],
  ['note', 'Note'],
];
const fewAffected = 12;

function findingsSection(findings: readonly Finding[], decisions: readonly Decision[]): Markup | string {
  if (findings.length === 0) return '';
  const sorted = severities.flatMap(([severity, word]) =>
    findings.filter((one) => one.severity === severity).map((one) => [one, word] as const),
  );
  return html`<section aria-labelledby="findings"><h2 id="findings">Findings</h2>
${sorted.map(([finding, word]) => findingArticle(finding, word, decisions))}</section>`;
}

function findingArticle(finding: Finding, word: string, decisions: readonly Decision[]): Markup {
  const { id, severity, title, detail, affected, remedies, source } = finding;
  return html`<article class="finding ${severity}">
<h3><span class="tag ${severity}">${word}</span>${title}</h3>
<p>${detail}</p>
${affectedList(affected)}
${remedies.map((one) => remedyLine(one, decisions))}
<p class="soft"><code>${id}</code>. Source: ${source}</p>
</article>
`;
}

function affectedList(affected: readonly string[]): Markup | string {
  if (affected.length === 0) return '';
  const list = arePhrases(affected)
    ? html`<ul>${affected.map((one) => html`<li><code>${one}</code></li>`)}</ul>`
    : affected.map((name, index) => html`${index > 0 ? ', ' : ''}<code>${name}</code>`);
  if (affected.length > fewAffected) {
    return html`<details><summary>Affected: ${formatCount(affected.length)}</summary><div>${list}</div></details>`;
  }
  return html`<div class="affected">Affected: ${list}</div>`;
}

function remedyLine(remedy: Remedy, decisions: readonly Decision[]): Markup {
  if ('command' in remedy) return commandLine(remedy.command);
  if ('hint' in remedy) return html`<p>${remedy.hint}</p>`;
  const decision = decisions.find(({ id }) => id === remedy.decision);
  const state = decision === undefined ? 'open' : stateOf(decision);
  return html`<p>Your decision: <code>${remedy.decision}</code> (${state})</p>`;
}

function decisionsSection(decisions: readonly Decision[]): Markup | string {
  if (decisions.length === 0) return '';
  return html`<section aria-labelledby="decisions"><h2 id="decisions">Decisions</h2>
${decisions.map(
  (decision) => html`<article class="decision">
<h3>${decision.text}</h3>
<p>${decision.why}</p>
${affectedList(decision.affected)}
<ul>${decision.choices.map(
    ({ value, title, consequence, recommended }) =>
      html`<li><code>${value}</code>${recommended ? ' (recommended)' : ''}: ${title}. ${consequence}</li>`,
  )}</ul>
<p class="soft"><code>${decision.id}</code>: ${stateOf(decision)}</p>
</article>
`,
)}</section>`;
}

function planSection(plan: PlannedReport): Markup {
  const border = (plan.pointOfNoReturn?.afterCall ?? -1) + 1;
  return html`<section aria-labelledby="plan"><h2 id="plan">The plan, wave by wave</h2>
<p>Each box is one call of dpkg, in order. Its number is the call, below it is the number of packages.</p>
<figure class="scroll" tabindex="0" aria-label="The plan as a picture">${planPicture(plan)}</figure>
<div class="scroll" tabindex="0" role="region" aria-label="The plan as a table"><table>
<thead><tr><th scope="col" class="number">Call</th><th scope="col">Wave</th><th scope="col">What dpkg does</th><th scope="col" class="number">Packages</th></tr></thead>
<tbody>${plan.waves.flatMap(({ name, calls }) =>
    calls.map(
      ({ number, operation, instances }) =>
        html`<tr${number === border ? html` class="border"` : ''}><td class="number">${number}</td><th scope="row">${name}</th><td>${operation}: ${waveWords[name]}${number === border ? '. Point of no return.' : ''}</td><td class="number">${formatCount(instances.length)}</td></tr>
`,
    ),
  )}</tbody></table></div></section>`;
}

function packagesSection(plan: PlannedReport): Markup {
  const waveOf = new Map(plan.waves.flatMap(({ name, calls }) => calls.map(({ number }) => [number, name] as const)));
  const option = (value: string, text: string): Markup => html`<option value="${value}">${text}</option>`;
  return html`<section aria-labelledby="packages"><h2 id="packages">Packages</h2>
<div class="filter" role="search">
<label>Name <input id="filter-name" type="search" autocomplete="off" spellcheck="false"></label>
<label>Change <select id="filter-change">${option('', 'all')}${changeWords
    .filter(([change]) => plan.counts[change] > 0)
    .map(([change, , short]) => option(change, `${short} (${formatCount(plan.counts[change])})`))}</select></label>
<label>Wave <select id="filter-wave">${option('', 'all')}${plan.waves.map(({ name }) => option(name, name))}</select></label>
<output id="filter-shown" aria-live="polite"></output>
</div>
<div class="scroll" tabindex="0" role="region" aria-label="Packages"><table class="packages">
<thead><tr><th scope="col">Package</th><th scope="col">Change</th><th scope="col">Before</th><th scope="col">After</th><th scope="col">dpkg calls</th><th scope="col">Reason</th></tr></thead>
<tbody>${plan.packages.map((one) => packageRow(one, waveOf))}</tbody></table></div></section>`;
}

function packageRow({ name, change, before, after, reason, calls }: PackageRow, waveOf: Map<number, string>): Markup {
  const waves = [...new Set(calls.map((number) => waveOf.get(number) ?? ''))];
  const words = changeWords.find(([one]) => one === change)?.[2] ?? change;
  const show = (build: PackageRow['before']): string => (build ? `${build.architecture} ${build.version}` : '');
  const when = calls.map(
    (number, index) => html`${index > 0 ? ', ' : ''}<span>${number} ${waveOf.get(number) ?? ''}</span>`,
  );
  // The two columns say it already.
  const why = reason === `${show(before)} becomes ${show(after)}` ? '' : reason;
  return html`<tr data-name="${name.toLowerCase()}" data-change="${change}" data-waves="${waves.join(' ')}"><th scope="row">${name}</th><td class="change">${words}</td><td class="version">${show(before)}</td><td class="version">${show(after)}</td><td class="calls">${when}</td><td>${why}</td></tr>
`;
}

function endSection({ endState }: PlannedReport, before: number): Markup {
  const instances = Object.entries(endState);
  const byArchitecture = new Map<string, number>();
  for (const [key] of instances) {
    const architecture = key.slice(key.indexOf(':') + 1);
    byArchitecture.set(architecture, (byArchitecture.get(architecture) ?? 0) + 1);
  }
  return html`<section aria-labelledby="end"><h2 id="end">Predicted end state</h2>
<p>${plural(instances.length, 'package')} (${formatCount(before)} now): ${[...byArchitecture]
    .map(([architecture, count]) => `${formatCount(count)} ${architecture}`)
    .join(', ')}. At its end the crossgrade compares the system with this list, name by name.</p>
<details><summary>All of them, with their versions</summary>
<ul class="names">${instances.map(
    ([key, version]) => html`<li>${key} ${version}</li>
`,
  )}</ul></details></section>`;
}

function checksSection({ checks = [] }: CheckReport): Markup | string {
  if (checks.length === 0) return '';
  return html`<section aria-labelledby="checks"><h2 id="checks">What was checked</h2>
<details><summary>${countsOfChecks(checks)}</summary>
<ul>${checks.map((one) => html`<li>${resultText(one)}</li>`)}</ul></details></section>`;
}

function unseenSection({ notLookedAt }: CheckReport): Markup | string {
  if (notLookedAt.length === 0) return '';
  return html`<section aria-labelledby="unseen"><h2 id="unseen">Not looked at</h2>
<ul>${notLookedAt.map(({ what, why }) => html`<li>${what}: ${why}</li>`)}</ul>
${notLookedAt.some(needsRoot) ? html`<p>${asRoot}</p>` : ''}</section>`;
}
