import { areaTitles } from '../base/difference.ts';
import { joinLines, type Printable, printable, printableIn } from '../base/printable.ts';
import { comingBack } from '../session/old-processes.ts';
import { byArea, type Comparison } from './comparison.ts';
import { verdictOf } from './verdict.ts';

/** The comparison as plain text, for the report that stays in the log folder. */
export function formatComparisonText(found: Comparison): Printable {
  const comparison = printableIn(found);
  const width = Math.max(...comparison.rows.map((row) => row.label.length));
  const explained = comparison.differences.filter((difference) => difference.explanation !== null);
  const unexplained = comparison.differences.filter((difference) => difference.explanation === null);
  const waiting = comingBack(comparison.oldProcesses ?? []);
  const lines = [
    'Before and after',
    ...comparison.rows.map((row) => `  ${row.label.padEnd(width)}  ${row.before}  ->  ${row.after}`),
    '',
    'Differences, with their reasons',
    ...byArea(explained).flatMap(([area, some]) => [
      `  ${areaTitles[area]}`,
      ...some.map(({ what, explanation }) => `    ${what}: ${explanation}`),
    ]),
  ];
  const all = [
    ...lines,
    '',
    unexplained.length === 0 ? 'Nothing is left to look at.' : 'For you to look at',
    ...byArea(unexplained).flatMap(([area, some]) => [
      `  ${areaTitles[area]}`,
      ...some.flatMap(({ what, details = [], command }) => [
        `    ${what}`,
        ...details.map((line) => `        ${line}`),
        ...(command === undefined ? [] : [`      -> ${command}`]),
      ]),
    ]),
    ...(waiting.length > 0 ? ['', 'Programs of the old architecture that still run, until they are restarted'] : []),
    ...waiting.map(({ unit, programs }) => `  ${unit ?? 'no unit'}: ${programs.join(', ')}`),
    ...(comparison.leftForMachine?.length ? ['', 'Left to be typed on the machine that this root belongs to'] : []),
    ...(comparison.leftForMachine ?? []).flatMap(({ command, why, beforeStart }) => [
      `  ${command}`,
      `      ${why}${beforeStart ? '; before it starts, from a rescue system' : ''}`,
    ]),
  ];
  return joinLines([...all, '', verdictOf(comparison).words].map(printable));
}
