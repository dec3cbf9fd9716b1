import type { Comparison } from './comparison.ts';

/** The comparison as plain text, for the report that stays in the log folder. */
export function formatReport(comparison: Comparison): string {
  const width = Math.max(...comparison.rows.map((row) => row.label.length));
  const lines = [
    'Before and after',
    ...comparison.rows.map((row) => `  ${row.label.padEnd(width)}  ${row.before}  ->  ${row.after}`),
    '',
    'Differences, with their reasons',
    ...comparison.differences
      .filter((difference) => difference.explanation !== null)
      .map((difference) => `  ${difference.what}: ${difference.explanation}`),
  ];
  const unexplained = comparison.differences.filter((difference) => difference.explanation === null);
  return `${[
    ...lines,
    '',
    unexplained.length === 0 ? 'Nothing is left to look at.' : 'For you to look at',
    ...unexplained.flatMap(({ what, details = [], command }) => [
      `  ${what}`,
      ...details.map((line) => `      ${line}`),
      ...(command === undefined ? [] : [`    -> ${command}`]),
    ]),
    ...(comparison.oldProcesses?.length ? ['', 'Programs of the old architecture that still run'] : []),
    ...(comparison.oldProcesses ?? []).map(({ unit, programs }) => `  ${unit ?? 'no unit'}: ${programs.join(', ')}`),
  ].join('\n')}\n`;
}
