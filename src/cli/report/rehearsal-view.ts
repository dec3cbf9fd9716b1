import { verdictOf } from '../../compare/verdict.ts';
import { changerTitles } from '../../rehearsal/attribute.ts';
import type { RehearsalReport } from '../../rehearsal/rehearsal-report.ts';
import type { Look } from '../screen/terminal.ts';
import { formatBytes, formatDuration, plural } from '../words/format.ts';
import { hang, textColumns } from '../words/text.ts';
import { formatComparison } from './comparison-view.ts';

export interface RehearsalViewOptions {
  readonly look: Look;
  readonly columns?: number | undefined;
}

/** @returns lines: what would be different, what would be written, how long it takes; the verdict last */
export function formatRehearsal(report: RehearsalReport, { look, columns }: RehearsalViewOptions): string[] {
  const width = textColumns(columns);
  const { comparison, slowest, notRehearsed } = report;
  const took = slowest.map(
    ({ package: name, activity, seconds }) => `${name}: ${activity}, ${formatDuration(Math.round(seconds))}`,
  );
  const unseen = notRehearsed.map(({ what, why }) => `${what}: ${why}`);
  const size = `The run took ${formatDuration(Math.round(report.seconds))}, and what it wrote ${formatBytes(report.bytes)} of disk.`;
  return [
    ...(comparison ? formatComparison(comparison, { look, columns }) : []),
    ...formatChanges(report, look, width),
    ...section('What took longest:', took, width),
    ...section('What a rehearsal cannot show:', unseen, width),
    ...formatFailure(report, look, width),
    '',
    ...hang('', `${verdictWords(report)} ${size}`, width),
  ];
}

function section(title: string, items: readonly string[], width: number): string[] {
  return items.length === 0 ? [] : ['', title, ...items.flatMap((item) => hang('  ', item, width))];
}

function formatChanges({ changes }: RehearsalReport, { signs }: Look, width: number): string[] {
  return [
    '',
    'What would be written:',
    ...changes.groups.flatMap((group) => {
      const sign = group.by === 'unexplained' ? signs.warning : signs.done;
      return hang(`  ${sign} `, `${changerTitles[group.by]}: ${countWords(group)}`, width);
    }),
    ...changes.unexplained.flatMap(({ path, kind }) => hang('      ', `${path} (${kind})`, width)),
  ];
}

function countWords({ created, changed, deleted, writtenAnew }: RehearsalReport['changes']['groups'][number]): string {
  const counts = [
    [created, 'new'],
    [changed, 'changed'],
    [deleted, 'gone'],
    [writtenAnew, 'with the same content'],
  ] as const;
  return counts.flatMap(([count, words]) => (count > 0 ? [`${count} ${words}`] : [])).join(', ');
}

function formatFailure({ failure }: RehearsalReport, { paint, signs }: Look, width: number): string[] {
  if (failure === undefined) return [];
  return [
    '',
    paint('red', `A run would stop${failure.step === null ? '' : ` at ${failure.step}`}:`),
    ...hang(`  ${signs.failed} `, `${failure.code} ${failure.message}`, width),
    ...failure.details.map((line) => paint('dim', `      ${line}`)),
  ];
}

function verdictWords({ result, comparison, changes, changedMeanwhile }: RehearsalReport): string {
  if (result === 'failed')
    return 'NOT ready: the rehearsal did not come to its end. Nothing of this system was changed.';
  const meanwhile = changedMeanwhile ? ' Packages were changed meanwhile: rehearse once more.' : '';
  const open = changes.unexplained.length;
  const words = comparison ? verdictOf(comparison).words : '';
  const paths = open === 0 ? '' : ` ${plural(open, 'path')} of nobody would be different.`;
  return `The rehearsal came to its end, and was thrown away. ${words}${paths}${meanwhile}`;
}
