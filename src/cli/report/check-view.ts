import type { Finding, Severity } from '../../base/finding.ts';
import { addTo } from '../../base/multimap.ts';
import { needsRoot } from '../../base/unseen.ts';
import { openDecisions } from '../../check/check-report.ts';
import type {
  CheckedRow,
  CheckReport,
  Decision,
  PlannedReport,
  Verdict,
  Wave,
} from '../../check/check-report-schema.ts';
import { nameRoot } from '../../run/name-root.ts';
import { fitSigns, type Look, type Style } from '../screen/terminal.ts';
import { formatBytes, formatCount, plural } from '../words/format.ts';
import { changeWords, waveWords } from '../words/plan-words.ts';
import { hang, listSome, plainLine, textColumns, truncate } from '../words/text.ts';
import {
  assumptionText,
  countsOfChecks,
  releaseName,
  resultText,
  roughly,
  stateOf,
  verdictText,
  wayOf,
} from './check-words.ts';
import { formatFindings } from './findings-view.ts';

export interface CheckViewOptions {
  readonly look: Look;
  readonly columns?: number | undefined;
  /** Lines of the terminal. */
  readonly rows?: number | undefined;
}

const verdictStyles: Readonly<Record<Verdict, Style>> = {
  ready: 'green',
  'decisions-open': 'yellow',
  blocked: 'red',
  'in-progress': 'yellow',
  'nothing-to-do': 'green',
};

const leastRows = 24;
const fewNames = 3;
const fewSteps = 5;
export const asRoot = 'Run crossgrade check as root to have it looked at, too.';

/**
 * @returns lines that fit the screen, however much was found: the verdict, what blocks and how to cure it, the rest by
 * number, the sizes, and where more is to be read
 */
export function formatReport(report: CheckReport, options: CheckViewOptions): string[] {
  const columns = textColumns(options.columns);
  const head = [...headOf(report, options, columns), ''];
  const foot = [
    '',
    ...assumptionLines(report, columns),
    ...wholeLine(report),
    ...(report.plan ? [...planLines(report.plan, options, columns), ''] : []),
    ...footOf(report),
  ];
  const rows = Math.max(leastRows, options.rows ?? leastRows) - 1;
  const found = fit(report, options.look, columns, rows - head.length - foot.length);
  const lines = [...head, ...found, ...(found.length === 0 ? foot.slice(1) : foot)];
  return fitSigns(lines, options.look);
}

/** @returns lines: everything that the report has, but the single packages */
export function formatWholeReport(report: CheckReport, options: CheckViewOptions): string[] {
  const columns = textColumns(options.columns);
  const { paint } = options.look;
  const heading = (text: string): string[] => ['', paint('bold', text)];
  return fitSigns(
    withoutDoubleBlanks([
      ...headOf(report, options, columns),
      '',
      ...stepsToDo(report, options.look, columns),
      ...(report.findings.length > 0
        ? formatFindings(report.findings, { ...options, verbose: true, open: openDecisions(report.decisions) })
        : []),
      ...((report.checks ?? []).length > 0 ? heading('Checks') : []),
      ...checkLines(report, options.look, columns),
      ...(report.decisions.length > 0 ? heading('Decisions') : []),
      ...report.decisions.flatMap((one) => wholeDecision(one, report.plan !== null, options.look, columns)),
      ...(report.notLookedAt.length > 0 ? heading('Not looked at') : []),
      ...report.notLookedAt.flatMap(({ what, why }) => hang('  ', `${plainLine(what)}: ${plainLine(why)}`, columns)),
      ...(report.notLookedAt.some(needsRoot) ? [`  ${asRoot}`] : []),
      ...(report.plan
        ? [...heading('The plan'), ...assumptionLines(report, columns), ...wholePlan(report.plan, options, columns)]
        : []),
      '',
      ...footOf(report),
    ]),
    options.look,
  );
}

function withoutDoubleBlanks(lines: readonly string[]): string[] {
  return lines.filter((line, index) => line !== '' || lines[index - 1] !== '');
}

function headOf({ system, verdict, ...report }: CheckReport, { look }: CheckViewOptions, columns: number): string[] {
  const what = `${releaseName(system.release)}, ${plural(system.packages, 'package')}, ${wayOf(system)}`;
  return [
    look.paint('dim', truncate(`${what}: ${plainLine(system.root)}`, columns, look.signs.ellipsis)),
    ...hang('', verdictText({ system, verdict, ...report }), columns).map((line) =>
      look.paint('bold', look.paint(verdictStyles[verdict], line)),
    ),
  ];
}

/** The richest way to show what was found that the screen has room for. */
function fit(report: CheckReport, look: Look, columns: number, rows: number): string[] {
  const findings = (severity: Severity) => report.findings.filter((one) => one.severity === severity);
  const blockers = findings('blocker');
  const warnings = findings('warning');
  const rest = [...stepsToDo(report, look, columns, fewSteps), ...notesLine(report, look, columns)];
  const long = blockers.flatMap((one) => [oneLine(one, look, columns), cure(one, report.decisions, look, columns)]);
  const short = blockers.map((one) => oneLine(one, look, columns));
  const each = warnings.map((one) => oneLine(one, look, columns));
  const grouped = byFolder(warnings, look, columns);
  const counted = warnings.length === 0 ? [] : [countedLine(warnings, look, columns)];
  const ways = [
    [long, each],
    [long, grouped],
    [long, counted],
    [short, grouped],
    [short, counted],
  ];
  const way = ways.find(([some = [], others = []]) => some.length + others.length + rest.length <= rows);
  if (way) return [...way.flat(), ...rest];
  const room = Math.max(1, rows - counted.length - rest.length - 1);
  const cut = `${look.signs.failed} and ${plural(blockers.length - room, 'more blocker')}: see --verbose`;
  return [...short.slice(0, room), look.paint('red', cut), ...counted, ...rest];
}

const signStyles: Readonly<Record<Severity, Style>> = { blocker: 'red', warning: 'yellow', note: 'cyan' };

function signOf(severity: Severity, { signs, paint }: Look): string {
  const sign = { blocker: signs.failed, warning: signs.warning, note: signs.waiting }[severity];
  return paint(signStyles[severity], sign);
}

/** The id, with which it can be explained, the title, and a few of those that it is about. */
function oneLine({ id, severity, title, affected }: Finding, look: Look, columns: number): string {
  const about = affected.length === 0 ? '' : ` (${listSome(affected.map(plainLine), fewNames)})`;
  const text = truncate(`${id}: ${plainLine(title)}${about}`, columns - 2, look.signs.ellipsis);
  return `${signOf(severity, look)} ${text}`;
}

/** The first remedy; commands are not cut, as they are copied. */
function cure({ remedies }: Finding, decisions: readonly Decision[], { paint, signs }: Look, columns: number): string {
  const first = `    ${signs.remedy} `;
  const command = remedies.find((one) => 'command' in one);
  if (command) return first + paint('cyan', command.command);
  const chosen = remedies.find((one) => 'decision' in one);
  const decision = chosen && decisions.find((one) => one.id === chosen.decision);
  if (decision) {
    const values = decision.choices.map(({ value }) => value).join(', ');
    return `${first}${truncate(`you decide: ${decision.id} = ${values}`, columns - first.length, signs.ellipsis)}`;
  }
  const hint = remedies.find((one) => 'hint' in one);
  return first + truncate(hint?.hint ?? 'see crossgrade explain', columns - first.length, signs.ellipsis);
}

function byFolder(findings: readonly Finding[], look: Look, columns: number): string[] {
  const folders = new Map<string, Finding[]>();
  for (const one of findings) addTo(folders, one.id.replace(/\/.*/, ''), one);
  return [...folders].map(([folder, ones]) => {
    const text = `${plural(ones.length, 'warning')}, ${folder}: ${ones.map(({ title }) => plainLine(title)).join('; ')}`;
    return `${signOf('warning', look)} ${truncate(text, columns - 2, look.signs.ellipsis)}`;
  });
}

function countedLine(findings: readonly Finding[], look: Look, columns: number): string {
  const text = `${plural(findings.length, 'warning')}: ${findings.map(({ title }) => plainLine(title)).join('; ')}`;
  return `${signOf('warning', look)} ${truncate(text, columns - 2, look.signs.ellipsis)}`;
}

function notesLine({ findings, notLookedAt }: CheckReport, look: Look, columns: number): string[] {
  const notes = findings.filter(({ severity }) => severity === 'note');
  const line = (text: string): string => `${signOf('note', look)} ${truncate(text, columns - 2, look.signs.ellipsis)}`;
  const unseen = (ones: CheckReport['notLookedAt']): string => ones.map(({ what }) => plainLine(what)).join(', ');
  const forRoot = notLookedAt.filter(needsRoot);
  const others = notLookedAt.filter((one) => !needsRoot(one));
  const parts = [
    ...(notes.length === 0 ? [] : [`${plural(notes.length, 'note')} (--verbose shows them)`]),
    ...(others.length === 0 ? [] : [`not looked at: ${unseen(others)}`]),
  ];
  return [
    ...(parts.length === 0 ? [] : [line(parts.join('; '))]),
    ...(forRoot.length === 0 ? [] : [line(`not looked at, run as root: ${unseen(forRoot)}`)]),
  ];
}

/** Each check with its result, also those that found nothing; the result is in words, too, for who hears it read. */
function checkLines({ checks = [] }: CheckReport, look: Look, columns: number): string[] {
  if (checks.length === 0) return [];
  return [
    ...hang('  ', countsOfChecks(checks), columns),
    ...checks.flatMap((one) => {
      const [first = '', ...others] = hang('    ', plainLine(resultText(one)), columns);
      return [`  ${signOfResult(one.result, look)} ${first.slice(4)}`, ...others];
    }),
  ];
}

function signOfResult(result: CheckedRow['result'], look: Look): string {
  switch (result) {
    case 'passed':
      return look.paint('green', look.signs.done);
    case 'partly':
    case 'not-looked-at':
    case 'does-not-apply':
      return look.paint('dim', look.signs.skipped);
    default:
      return signOf(result, look);
  }
}

function stepsToDo({ progress }: CheckReport, { signs }: Look, columns: number, most = Infinity): string[] {
  if (!progress) return [];
  const { remaining } = progress;
  const few = remaining.slice(0, most);
  const more = remaining.length - few.length;
  return [
    `${plural(remaining.length, 'step')} still to do:`,
    ...few.map((title) => `  ${signs.waiting} ${truncate(title, columns - 4, signs.ellipsis)}`),
    ...(more > 0 ? [`  ${signs.waiting} and ${more} more`] : []),
  ];
}

/** In the middle of a crossgrade. */
function wholeLine({ plan, progress }: CheckReport): string[] {
  return plan && progress ? ['The whole crossgrade, with what is done already:'] : [];
}

/** @returns lines: what the figures of a plan rest on where the administrator has not decided yet; none where all is decided */
export function assumptionLines(report: CheckReport, columns: number): string[] {
  const text = assumptionText(report);
  return text === undefined ? [] : hang('', text, columns);
}

const nameWidth = 10;

function planLines(plan: PlannedReport, options: CheckViewOptions, columns: number): string[] {
  const { look } = options;
  const line = (name: string, text: string): string =>
    name.padEnd(nameWidth) + truncate(text, columns - nameWidth, look.signs.ellipsis);
  return [line('Packages', countsText(plan)), ...sizeLines(plan, line), look.paint('yellow', wayBack(plan, line))];
}

function countsText({ counts }: PlannedReport): string {
  return changeWords
    .filter(([change]) => counts[change] > 0)
    .map(([change, , short]) => `${formatCount(counts[change])} ${short}`)
    .join(', ');
}

type Line = (name: string, text: string) => string;

function sizeLines({ download, filesystems, duration }: PlannedReport, line: Line): string[] {
  return [
    line(
      'Download',
      download.bytes === 0 ? 'nothing' : `${formatBytes(download.bytes)}, ${plural(download.archives, 'package')}`,
    ),
    ...filesystems.map(({ paths, neededBytes, freeBytes }, index) =>
      line(
        index === 0 ? 'Disk' : '',
        `${formatBytes(neededBytes)} needed on ${paths.join(', ')}; ${formatBytes(freeBytes)} free`,
      ),
    ),
    timeLine(duration, line),
  ];
}

function timeLine({ seconds, parts }: PlannedReport['duration'], line: Line): string {
  const basis = parts.slice(0, 2).map(({ secondsEach, unit }) => `${secondsEach} s/${unit}`);
  return line('Time', `about ${roughly(seconds)} + download; measured: ${basis.join(', ')}`);
}

function wayBack({ pointOfNoReturn, calls }: PlannedReport, line: Line): string {
  return line(
    'Way back',
    pointOfNoReturn === null
      ? `at any time, during all ${plural(calls, 'dpkg call')}`
      : pointOfNoReturn.afterCall === 0
        ? `until the first of ${plural(calls, 'dpkg call')}; then only forward (point of no return)`
        : `until dpkg call ${pointOfNoReturn.afterCall} of ${calls}; then only forward (point of no return)`,
  );
}

/** Where to go from here. */
function footOf({ verdict, system, decisions }: CheckReport): string[] {
  const name = (text: string): string => nameRoot(text, system.root);
  const open = decisions.some((one) => one.open);
  switch (verdict) {
    case 'in-progress':
      return [name('Go on: crossgrade resume. How far it is: crossgrade status.')];
    case 'nothing-to-do':
      return system.sourceArchitecture === system.targetArchitecture
        ? []
        : [name('What the crossgrade has changed: crossgrade verify.')];
    default:
      return [
        'More: --verbose, --html FILE; one finding: crossgrade explain ID;',
        open ? 'one package: --why PACKAGE; your decisions: --answers-template FILE.' : 'one package: --why PACKAGE.',
      ];
  }
}

function wholeDecision(decision: Decision, hasPlan: boolean, { paint, signs }: Look, columns: number): string[] {
  const { id, text, why, affected, choices, answer, plannedAs } = decision;
  return [
    ...hang('  ', `${paint('bold', id)}: ${plainLine(text)}`, columns),
    ...hang('    ', plainLine(why), columns),
    ...(affected.length === 0 ? [] : hang('    ', `Affected: ${affected.map(plainLine).join(', ')}`, columns)),
    ...choices.flatMap(({ value, title, consequence, recommended }) => {
      const mark = value === answer ? signs.done : signs.waiting;
      const extra = recommended ? ' (recommended)' : '';
      return hang(`    ${mark} `, `${value}${extra}: ${title}. ${consequence}`, columns);
    }),
    ...hang(
      '    ',
      `${stateOf(decision)}${!hasPlan || plannedAs === null || plannedAs === answer ? '' : `; the plan below takes ${plannedAs}`}`,
      columns,
    ),
  ];
}

function wholePlan(plan: PlannedReport, { look }: CheckViewOptions, columns: number): string[] {
  const line = (name: string, text: string): string[] => hang(`  ${name.padEnd(nameWidth)}`, text, columns);
  const flat = (name: string, text: string): string => line(name, text).join('\n');
  return [
    ...changeWords.flatMap(([change, words]) => {
      const names = plan.packages.filter((one) => one.change === change).map((one) => one.name);
      if (names.length === 0) return [];
      return [`  ${formatCount(names.length)} ${words}`, ...hang('      ', names.join(', '), columns)];
    }),
    '',
    ...sizeLines(plan, flat).flatMap((text) => text.split('\n')),
    ...hang(' '.repeat(nameWidth + 2), plan.duration.basis, columns),
    '',
    ...plan.waves.flatMap((wave) => wholeWave(wave, plan, look, columns)),
  ];
}

function wholeWave({ name, calls }: Wave, plan: PlannedReport, { paint, signs }: Look, columns: number): string[] {
  const isBorder = calls[0]?.number === (plan.pointOfNoReturn?.afterCall ?? -1) + 1;
  const border = `  ${signs.warning} point of no return: \`crossgrade rollback\` ends here`;
  return [
    ...(isBorder ? [paint('yellow', border)] : []),
    `  ${paint('bold', name)}: ${waveWords[name]}`,
    ...calls.flatMap(({ number, operation, instances }) =>
      hang(
        `    ${String(number).padStart(2)} `,
        `dpkg --${operation}, ${plural(instances.length, 'package')}: ${listSome(instances, 6)}`,
        columns,
      ),
    ),
  ];
}
