import type { Finding, Remedy, Severity } from '../../base/finding.ts';
import { isDecisionOpen } from '../../check/check-report.ts';
import type { Look, Style } from '../screen/terminal.ts';
import { plural } from '../words/format.ts';
import { arePhrases, hang, listSome, plainLine, textColumns } from '../words/text.ts';

export interface FindingsViewOptions {
  readonly look: Look;
  readonly columns?: number | undefined;
  /** All affected names instead of the first few. */
  readonly verbose?: boolean;
  /** Notes are counted only, unless verbose. */
  readonly notesCounted?: boolean;
  /** Ids of decisions that are still to be taken: they are counted apart from what else blocks. */
  readonly open?: ReadonlySet<string>;
}

const severities: readonly Severity[] = ['blocker', 'warning', 'note'];
const styles: Readonly<Record<Severity, Style>> = { blocker: 'red', warning: 'yellow', note: 'cyan' };
const fewAffected = 6;

/** @returns lines: what was found, the worst first, each with what to do about it; the counts last */
export function formatFindings(findings: readonly Finding[], options: FindingsViewOptions): string[] {
  const shown = severities.filter((severity) => severity !== 'note' || !options.notesCounted || options.verbose);
  const sorted = shown.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
  return [...sorted.flatMap((finding) => [...formatFinding(finding, options), '']), countFindings(findings, options)];
}

/** @returns `2 blockers, 1 decision to take, 1 warning, no notes` */
function countFindings(
  findings: readonly Finding[],
  { look: { paint }, open = new Set() }: FindingsViewOptions,
): string {
  const decidable = findings.filter((finding) => isDecisionOpen(finding, open));
  const counts = severities.map((severity) => {
    const count = findings.filter((finding) => finding.severity === severity && !decidable.includes(finding)).length;
    return count === 0 ? `no ${severity}s` : paint(styles[severity], plural(count, severity));
  });
  const [blockers = '', ...rest] = counts;
  const decisions = decidable.length === 0 ? [] : [paint('yellow', `${plural(decidable.length, 'decision')} to take`)];
  return [blockers, ...decisions, ...rest].join(', ');
}

function formatFinding(finding: Finding, options: FindingsViewOptions): string[] {
  const { look } = options;
  const columns = textColumns(options.columns);
  const head = `${finding.severity}: `;
  const [first = '', ...rest] = hang(head, plainLine(finding.title), columns);
  const lines = [
    look.paint(styles[finding.severity], head) + look.paint('bold', first.slice(head.length)),
    ...rest.map((line) => look.paint('bold', line)),
    ...hang('  ', plainLine(finding.detail), columns),
  ];
  lines.push(...formatAffected(finding.affected.map(plainLine), options.verbose === true, columns));
  for (const remedy of finding.remedies) lines.push(...formatRemedy(remedy, look, columns));
  lines.push(look.paint('dim', `  (${finding.id})`));
  return lines;
}

function formatAffected(affected: readonly string[], verbose: boolean, columns: number): string[] {
  if (affected.length === 0) return [];
  const most = verbose ? affected.length : fewAffected;
  if (!arePhrases(affected)) return hang('  ', `Affected: ${listSome(affected, most)}`, columns);
  const more = affected.length - most;
  return [
    '  Affected:',
    ...affected.slice(0, most).flatMap((one) => hang('    ', one, columns)),
    ...(more > 0 ? [`    and ${more} more`] : []),
  ];
}

/** Commands are not wrapped: they are copied. */
function formatRemedy(remedy: Remedy, { paint, signs }: Look, columns: number): string[] {
  const first = `  ${signs.remedy} `;
  if ('command' in remedy) return [first + paint('cyan', remedy.command)];
  const text = 'hint' in remedy ? remedy.hint : `Your decision: ${remedy.decision}`;
  return hang(first, text, columns);
}
