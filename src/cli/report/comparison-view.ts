import { areaTitles, type Difference } from '../../base/difference.ts';
import { shellWords } from '../../base/shell-word.ts';
import type { LeftForMachine } from '../../boot/left-for-machine.ts';
import { byArea, type Comparison } from '../../compare/comparison.ts';
import { verdictOf } from '../../compare/verdict.ts';
import { comingBack, type OldProcesses, restartable } from '../../session/old-processes.ts';
import type { Look } from '../screen/terminal.ts';
import { hang, plainLine, textColumns } from '../words/text.ts';

export interface ComparisonViewOptions {
  readonly look: Look;
  readonly columns?: number | undefined;
}

/** @returns lines: a table, then differences, those without an explanation first; the verdict last */
export function formatComparison(comparison: Comparison, { look, columns }: ComparisonViewOptions): string[] {
  const { paint, signs } = look;
  const width = textColumns(columns);
  const lines = formatTable(comparison.rows, look);
  const open = comparison.differences.filter(({ explanation }) => explanation === null);
  const explained = comparison.differences.filter(({ explanation }) => explanation !== null);
  if (open.length > 0) {
    lines.push('', paint('red', 'For you to look at:'));
    for (const [area, some] of byArea(open)) {
      lines.push(`  ${areaTitles[area]}`, ...some.flatMap((difference) => formatOpen(difference, look, width)));
    }
  }
  if (explained.length > 0) {
    lines.push('', 'Different, as it should be:');
    for (const [area, some] of byArea(explained)) {
      lines.push(`  ${areaTitles[area]}`);
      lines.push(
        ...some.flatMap(({ what, explanation }) => [
          ...hang(`  ${signs.done} `, what, width),
          ...hang('      ', explanation ?? '', width).map((line) => paint('dim', line)),
        ]),
      );
    }
  }
  return [
    ...lines,
    ...formatOldProcesses(comparison.oldProcesses ?? [], { look, columns }),
    ...formatLeft(comparison.leftForMachine ?? [], { look, columns }),
    ...formatVerdict(comparison, look, width),
  ];
}

/** Commands are not wrapped: they are copied. */
function formatOpen({ what, details = [], command }: Difference, { paint, signs }: Look, width: number): string[] {
  return [
    ...hang(`  ${signs.failed} `, what, width),
    ...details.map((line) => paint('dim', `      ${plainLine(line)}`)),
    ...(command === undefined ? [] : [`    ${signs.remedy} ${paint('cyan', command)}`]),
  ];
}

/** Below all else, and in one sentence. */
function formatVerdict(comparison: Comparison, { paint, signs }: Look, width: number): string[] {
  const { kind, words } = verdictOf(comparison);
  const isSound = kind === 'as-before';
  const lines = hang(`${isSound ? signs.done : signs.failed} `, words, width);
  return ['', ...lines.map((line) => paint(isSound ? 'green' : 'red', line))];
}

/** What only a restart makes new. */
function formatOldProcesses(
  all: readonly OldProcesses[],
  { look: { paint }, columns }: ComparisonViewOptions,
): string[] {
  const found = comingBack(all);
  if (found.length === 0) return [];
  const width = textColumns(columns);
  const services = restartable(found);
  return [
    '',
    ...hang('', 'These programs were started before, and go on as they were until they are restarted:', width),
    ...found.flatMap(({ unit, programs }) => hang(`  ${unit ?? 'no unit'}: `, programs.join(', '), width)),
    ...(services.length > 0
      ? [
          'Restart these services now; each comes back in 64 bit:',
          paint('cyan', `  ${shellWords(['systemctl', 'restart', ...services])}`),
        ]
      : []),
    'Or reboot, when it suits you: that makes all of them new.',
  ];
}

/** What could not be done in a folder. */
function formatLeft(
  left: readonly LeftForMachine[],
  { look: { paint, signs }, columns }: ComparisonViewOptions,
): string[] {
  const width = textColumns(columns);
  const titles = [
    ['Before the machine starts from this root, type in it, from a rescue system:', true],
    ['When the machine that this root belongs to has started from it, type there:', false],
  ] as const;
  return titles.flatMap(([title, first]) => {
    const some = left.filter(({ beforeStart = false }) => beforeStart === first);
    const lines = some.flatMap(({ command, why }) => [
      `  ${signs.remedy} ${paint('cyan', command)}`,
      ...hang('      ', why, width).map((line) => paint('dim', line)),
    ]);
    return some.length === 0 ? [] : ['', ...hang('', title, width), ...lines];
  });
}

function formatTable(rows: Comparison['rows'], { paint, signs }: Look): string[] {
  const labels = Math.max(0, ...rows.map(({ label }) => label.length));
  const befores = Math.max('before'.length, ...rows.map(({ before }) => before.length));
  return [
    paint('dim', `${' '.repeat(labels)}  ${'before'.padEnd(befores)}    now`),
    ...rows.map(({ label, before, after }) => {
      const value = before === after ? paint('dim', 'the same') : paint('bold', after);
      return `${label.padEnd(labels)}  ${before.padEnd(befores)}  ${before === after ? ' ' : signs.remedy.slice(-1)} ${value}`;
    }),
  ];
}
