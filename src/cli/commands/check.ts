import type { CheckReport, Verdict } from '../../core/check-report.ts';
import { CrossgradeError } from '../../core/error.ts';
import { readAnswers } from '../answers-file.ts';
import { answersTemplate, formatTemplateHelp } from '../answers-template.ts';
import type { Command } from '../arguments.ts';
import { assumptionLines, formatReport, formatWholeReport } from '../check-view.ts';
import { type ExitCodeName, exitCodes } from '../exit-codes.ts';
import { gatherReport } from '../gather-report.ts';
import { htmlReport } from '../html/page.ts';
import type { Wiring } from '../session.ts';
import { createStageLine } from '../stage-line.ts';
import { createLook, type Look } from '../terminal.ts';
import { textColumns } from '../text.ts';
import { formatWhy } from '../why-view.ts';

type CheckOptions = Command & { name: 'check' };

const codes: Readonly<Record<Verdict, ExitCodeName>> = {
  ready: 'done',
  'decisions-open': 'blocked',
  blocked: 'blocked',
  'in-progress': 'done',
  'nothing-to-do': 'done',
};

/** The report of what blocks or endangers the crossgrade of a root. Changes nothing. */
export async function checkCommand(options: CheckOptions, wiring: Wiring): Promise<number> {
  const { stdout, stderr, environment } = wiring;
  const answers =
    options.answers === undefined ? {} : readAnswers(wiring.readUserFile(options.answers), options.answers);
  const outputs = prepareOutputs(options, wiring);
  const session = await wiring.openSession(options.root, 'read');
  try {
    const quiet = createLook(stderr, environment, options.color);
    const stages = createStageLine(stderr, environment, { color: options.color, quiet: options.output === 'json' });
    const report = await gatherReport(session, options, answers, wiring, stages.onStage).finally(stages.end);
    for (const { file, content } of outputs) file.write(content(report));
    if (!outputs.some(({ path }) => path === '-')) {
      const look = createLook(stdout, environment, options.color);
      stdout.write(`${formatFor(report, options, look, stdout).join('\n')}\n`);
    }
    for (const { option, path } of outputs.filter((one) => one.path !== '-')) {
      const lines =
        option === 'answers-template'
          ? formatTemplateHelp(path, report.decisions, { look: quiet, columns: stderr.columns })
          : [`The report is in ${path}.`];
      stderr.write(`${lines.join('\n')}\n`);
    }
    return exitCodes[codes[report.verdict]];
  } finally {
    await session.close();
  }
}

interface Output {
  readonly option: 'json' | 'html' | 'answers-template';
  /** `-` is stdout. */
  readonly path: string;
  readonly file: { write(content: string): void };
  readonly content: (report: CheckReport) => string;
}

/** Before the long work, so that it is not in vain. */
function prepareOutputs(options: CheckOptions, wiring: Wiring): Output[] {
  const pretty = (report: CheckReport): string => `${JSON.stringify(report, undefined, 2)}\n`;
  const line = (report: CheckReport): string => `${JSON.stringify(report)}\n`;
  const wanted: readonly [Output['option'], string | undefined, Output['content']][] = [
    ['json', options.json, pretty],
    ['json', options.output === 'json' && options.json !== '-' ? '-' : undefined, line],
    ['html', options.html, htmlReport],
    ['answers-template', options.answersTemplate, ({ decisions }) => answersTemplate(decisions)],
  ];
  const paths = wanted.map(([, path]) => path).filter((path) => path !== undefined);
  const twice = paths.find((path, index) => paths.indexOf(path) < index);
  if (twice !== undefined) {
    throw new CrossgradeError(`Two things cannot be written to ${twice === '-' ? 'the standard output' : twice}.`, {
      code: 'CG0010',
      hint: 'Nothing was changed. Give each of them a file of its own.',
      exitCode: exitCodes.usage,
    });
  }
  return wanted.flatMap(([option, path, content]) => {
    if (path === undefined) return [];
    const toStdout = { write: (text: string) => void wiring.stdout.write(text) };
    const onlyNew = option === 'answers-template';
    return [{ option, path, content, file: path === '-' ? toStdout : wiring.prepareUserFile(path, { onlyNew }) }];
  });
}

function formatFor(
  report: CheckReport,
  { why, verbose }: CheckOptions,
  look: Look,
  { columns, rows }: { readonly columns?: number; readonly rows?: number },
): string[] {
  const view = { look, columns, rows, verbose };
  if (why.length === 0) return verbose ? formatWholeReport(report, view) : formatReport(report, view);
  if (report.why.length === 0) {
    const reason =
      report.verdict === 'nothing-to-do'
        ? 'There is no plan that this user can read of a crossgrade of this root'
        : 'There is no plan yet';
    return [...formatReport(report, view), '', `${reason}, so --why has no answer.`];
  }
  const assumed = assumptionLines(report, textColumns(columns));
  return [
    ...(assumed.length > 0 ? [...assumed, ''] : []),
    ...report.why.flatMap((one, index) => [...(index > 0 ? [''] : []), ...formatWhy(one, view)]),
  ];
}
