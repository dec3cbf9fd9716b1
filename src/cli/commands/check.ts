import { type ExitCodeName, exitCodes } from '../../base/exit-codes.ts';
import { joinLines, type Printable, printableIn, printableJson } from '../../base/printable.ts';
import { readAnswers } from '../../check/answers-file.ts';
import type { CheckReport, Verdict } from '../../check/check-report-schema.ts';
import { gatherReport } from '../../check/system/gather-report.ts';
import { answersTemplate, formatTemplateHelp } from '../arguments/answers-template.ts';
import type { Command } from '../arguments/arguments.ts';
import { prepareOutputs } from '../arguments/outputs.ts';
import { assumptionLines, formatReport, formatWholeReport } from '../report/check-view.ts';
import { htmlReport } from '../report/html/page.ts';
import { formatWhy } from '../report/why-view.ts';
import { createStageLine } from '../screen/stage-line.ts';
import { createLook, type Look, shownLines } from '../screen/terminal.ts';
import { textColumns } from '../words/text.ts';
import type { Wiring } from './wiring.ts';

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
  const pretty = (report: CheckReport): Printable => joinLines([printableJson(report, 2)]);
  const line = (report: CheckReport): Printable => joinLines([printableJson(report)]);
  const events = options.output === 'json' && options.json !== '-' ? '-' : undefined;
  const outputs = prepareOutputs<CheckReport, 'json' | 'html' | 'answers-template'>(
    [
      { option: 'json', path: options.json, content: pretty },
      { option: 'json', path: events, content: line },
      { option: 'html', path: options.html, content: htmlReport },
      {
        option: 'answers-template',
        path: options.answersTemplate,
        content: ({ decisions }) => answersTemplate(decisions),
        onlyNew: true,
      },
    ],
    wiring,
  );
  const session = await wiring.openSession(options.root, 'read');
  try {
    const quiet = createLook(stderr, environment, options.color);
    const stages = createStageLine(stderr, environment, { color: options.color, quiet: options.output === 'json' });
    const report = await gatherReport(session.machine, options, answers, wiring, stages.onStage).finally(stages.end);
    for (const { file, content } of outputs) file.write(content(report));
    if (!outputs.some(({ path }) => path === '-')) {
      const look = createLook(stdout, environment, options.color);
      stdout.write(shownLines(formatFor(printableIn(report), options, look, stdout), look));
    }
    for (const { option, path } of outputs.filter((one) => one.path !== '-')) {
      const lines =
        option === 'answers-template'
          ? formatTemplateHelp(path, printableIn(report.decisions), { look: quiet, columns: stderr.columns })
          : [`The report is in ${path}.`];
      stderr.write(shownLines(lines, quiet));
    }
    return exitCodes[codes[report.verdict]];
  } finally {
    await session.close();
  }
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
