import type { Change, Plan } from '../../plan/plan.ts';
import type { Look } from '../screen/terminal.ts';
import { formatBytes, formatCount, plural } from '../words/format.ts';
import { changeWords, waveWords } from '../words/plan-words.ts';
import { hang, listSome, textColumns } from '../words/text.ts';

export interface PlanViewOptions {
  readonly look: Look;
  readonly columns?: number | undefined;
  /** All names instead of the first few. */
  readonly verbose?: boolean;
}

/** Of the others the number is enough. */
const named: ReadonlySet<Change> = new Set(['replaced', 'added', 'vanishing', 'kept-foreign']);

const fewNames = 8;

/** @returns lines: what a run would do, short enough for 80×24 */
export function formatPlan(plan: Plan, options: PlanViewOptions): string[] {
  const { paint } = options.look;
  return [
    paint('bold', `From ${plan.sourceArchitecture} to ${plan.targetArchitecture}`),
    '',
    ...formatChanges(plan, options),
    '',
    ...formatSizes(plan),
    '',
    ...formatWaves(plan, options),
  ];
}

function formatChanges(plan: Plan, { look: { paint }, columns, verbose }: PlanViewOptions): string[] {
  const byChange = changeWords.map(([change]) =>
    plan.changes.filter((entry) => entry.change === change).map(({ name }) => name),
  );
  const width = Math.max(...byChange.map((names) => formatCount(names.length).length));
  return changeWords.flatMap(([change, words], index) => {
    const names = byChange[index] ?? [];
    if (names.length === 0 && change !== 'crossgraded') return [];
    const sign = change === 'vanishing' ? paint('yellow', words) : words;
    const lines = [`  ${formatCount(names.length).padStart(width)}  ${sign}`];
    if (named.has(change) || verbose === true) {
      const text = listSome(names, verbose === true ? names.length : fewNames);
      lines.push(...hang(' '.repeat(width + 6), text, textColumns(columns)).map((line) => paint('dim', line)));
    }
    return lines;
  });
}

function formatSizes(plan: Plan): string[] {
  const download =
    plan.downloadBytes === 0
      ? 'nothing, all is there'
      : `${formatBytes(plan.downloadBytes)} (${plural(plan.archives.length, 'package')} in all)`;
  const space = plan.space.map(({ path, bytes }) => `${formatBytes(bytes)} on ${path}`).join(', ');
  return [`  Download  ${download}`, ...(space === '' ? [] : [`  Space     ${space}`])];
}

/** Where the way back ends is the thing to know before saying yes. */
function formatWaves(plan: Plan, { look: { paint, signs } }: PlanViewOptions): string[] {
  const calls = plan.batches.length;
  const lines = [
    `  ${plural(calls, 'dpkg call')} in ${plural(new Set(plan.batches.map(({ wave }) => wave)).size, 'wave')}`,
  ];
  let before = 0;
  if (plan.takenOver) {
    lines.push(paint('yellow', `  ${signs.warning} no way back: the first dpkg call ends \`crossgrade rollback\``));
  }
  for (const [wave, words] of Object.entries(waveWords)) {
    const batches = plan.batches.filter((batch) => batch.wave === wave);
    if (batches.length === 0) continue;
    if (wave === 'core' && !plan.takenOver) {
      const text = `  ${signs.warning} point of no return, after ${before} of ${plural(calls, 'call')}: \`crossgrade rollback\` ends here`;
      lines.push(paint('yellow', text));
    }
    before += batches.length;
    lines.push(`    ${wave.padEnd(10)} ${plural(batches.length, 'call').padEnd(9)} ${words}`);
  }
  return lines;
}
