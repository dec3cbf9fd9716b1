import type { Finding } from '../../base/finding.ts';
import { printable, printableIn, text } from '../../base/printable.ts';
import { shellWords } from '../../base/shell-word.ts';
import type { Assessment } from '../../check/system/assess.ts';
import type { SnapshotOffer } from '../../hardware/filesystem-snapshots.ts';
import { findSnapshot, makeSnapshot } from '../../hardware/system/make-snapshot.ts';
import { forRoot } from '../../run/name-root.ts';
import type { CommonOptions } from '../arguments/arguments.ts';
import type { Session, Wiring } from '../commands/wiring.ts';
import { showPages } from '../screen/pages.ts';
import type { SelectPrompt } from '../screen/prompt-port.ts';
import { choose, confirm, type PromptOptions } from '../screen/prompts.ts';
import { type Look, shownLines } from '../screen/terminal.ts';
import { hang, listSome, textColumns } from '../words/text.ts';
import { formatFindings } from './findings-view.ts';
import { formatPlan } from './plan-view.ts';

/**
 * The last question before the first change: begin, look closer, or stop. Whoever begins says that there is a backup.
 *
 * @returns whether it may begin
 */
export async function askToBegin(
  { machine }: Session,
  { solved, findings }: Assessment,
  options: CommonOptions,
  { stderr }: Wiring,
  prompt: PromptOptions,
): Promise<boolean> {
  if (!solved) return false;
  const view = { look: prompt.look, columns: stderr.columns, verbose: true };
  const write = (lines: readonly string[]): void => {
    stderr.write(shownLines(lines, prompt.look));
  };
  const writePages = (lines: readonly string[]) =>
    showPages(lines, stderr.rows, write, () => confirm(text`More?`, true, prompt));
  if (machine.root.can.has('init'))
    write(hang('  Services  ', describeServices(findings), textColumns(stderr.columns)));
  let offer = await findSnapshot(machine, solved.plan);
  const looks: Readonly<Record<string, () => Promise<void> | void>> = {
    plan: () => writePages(formatPlan(printableIn(solved.plan), view)),
    findings: () => writePages(formatFindings(printableIn(forRoot(findings, options.root)), view)),
    snapshot: async () => {
      if (!offer) return;
      await makeSnapshot(machine, offer);
      write([`The snapshot is made. The way back: ${offer.wayBack}`]);
      offer = undefined;
    },
  };
  for (;;) {
    if (offer) write(describeOffer(offer, stderr.columns));
    const choice = await choose(beginQuestion(offer), prompt);
    if (choice === 'begin' || choice === 'stop') return choice === 'begin';
    await looks[choice]?.();
  }
}

/** By the finding that names it. */
const carriedData: Readonly<Record<string, string>> = {
  'data/postgresql': 'PostgreSQL',
  'data/slapd': 'slapd',
  'data/rrd': 'RRD files',
};

function describeServices(findings: readonly Finding[]): string {
  const still = findings.flatMap(({ id }) => carriedData[id] ?? []);
  const restarts = 'each is restarted when its package is replaced';
  const same = findings.find(({ id }) => id === 'data/same-files');
  const untouched = same === undefined ? '' : ` ${same.title}, nothing to export.`;
  return still.length === 0
    ? `${restarts}.${untouched}`
    : `${restarts}. What uses ${listSome(still, still.length)} stands still from the export to the import: how long, the findings say.${untouched}`;
}

function describeOffer({ kind, commands, wayBack }: SnapshotOffer, columns: number | undefined): string[] {
  const width = textColumns(columns);
  return [
    '',
    ...hang('', `This system is on ${kind}: a snapshot would keep it as it is now.`, width),
    ...commands.map((argv) => `  ${shellWords(argv)}`),
    ...hang('  The way back: ', wayBack, width),
  ];
}

function beginQuestion(offer: SnapshotOffer | undefined): SelectPrompt {
  return {
    message: text`Nothing has been changed so far. What now?`,
    choices: [
      { value: 'begin', name: text`Begin: I have a backup` },
      ...(offer ? [{ value: 'snapshot', name: printable(`Make that ${offer.kind} snapshot first`) }] : []),
      { value: 'plan', name: text`Show the whole plan` },
      { value: 'findings', name: text`Show everything that was found` },
      { value: 'stop', name: text`Stop here` },
    ],
    preselected: 'plan',
  };
}

/** What somebody should know who has never done this. */
export function introduction(look: Look, columns: number | undefined): string[] {
  const width = textColumns(columns);
  return [
    ...hang('', 'crossgrade turns this 32-bit Debian system into the same system in 64 bit, in place.', width).map(
      (line) => look.paint('bold', line),
    ),
    ...[
      'First it only looks, and tells you what it has found; then it asks what only you can decide. Until you say that it shall begin, nothing is changed.',
      'Then everything is downloaded and checked, and the new libraries are added beside the old ones. Up to there crossgrade rollback takes all of it back. After that, when the programs themselves are replaced, it only goes forward: back leads only your backup.',
      'It can be interrupted at any moment, also by a power cut: crossgrade resume goes on.',
    ].flatMap((text) => ['', ...hang('', text, width)]),
    '',
  ];
}
