import { CrossgradeError } from '../../base/error.ts';
import { exitCodes } from '../../base/exit-codes.ts';
import type { Machine } from '../../base/machine.ts';
import { comparisonFile, rehearsalFile, rehearsalLog } from '../../base/own-paths.ts';
import { joinLines, printable, printableIn, printableJson, text } from '../../base/printable.ts';
import { readAnswers } from '../../check/answers-file.ts';
import type { Solved } from '../../check/check.ts';
import { shortHostName } from '../../check/check-report.ts';
import type { Assessment } from '../../check/system/assess.ts';
import type { Comparison } from '../../compare/comparison.ts';
import { dpkgLog } from '../../dpkg/system/batch.ts';
import { attribute } from '../../rehearsal/attribute.ts';
import { type RehearsalReport, resultOf } from '../../rehearsal/rehearsal-report.ts';
import { packagesOf, rehearsalNote } from '../../rehearsal/system/rehearsal-note.ts';
import { createTimeline, type Timeline } from '../../rehearsal/timeline.ts';
import { type Failure, failureOf, type RunEvent } from '../../run/event.ts';
import { comparisonForRoot } from '../../run/name-root.ts';
import { performRun } from '../../run/system/perform-run.ts';
import { ownedPaths } from '../../software/software-survey.ts';
import { type PackageFiles, readPackageFiles } from '../../software/system/local-files.ts';
import { StateStore } from '../../state/system/state-store.ts';
import type { Command } from '../arguments/arguments.ts';
import { prepareOutputs } from '../arguments/outputs.ts';
import { formatRehearsal } from '../report/rehearsal-view.ts';
import { createScreen } from '../screen/create-screen.ts';
import { createLook, shownLines } from '../screen/terminal.ts';
import { formatBytes } from '../words/format.ts';
import { say } from '../words/text.ts';
import { beginRun } from './begin-run.ts';
import { type Decided, decide } from './run.ts';
import type { ViewSession, Wiring } from './wiring.ts';

const mostSlow = 8;
/** Of what a run needs, for what is not seen beforehand. */
const spare = 1.3;

/** Performs the whole crossgrade on a view of the root, and tells what came of it. The root stays as it is. */
export async function rehearseCommand(options: Command & { name: 'rehearse' }, wiring: Wiring): Promise<number> {
  const elsewhere = await wiring.inPrivateMounts();
  if (elsewhere !== undefined) return elsewhere;
  const { stdout, stderr, environment } = wiring;
  const given = options.answers === undefined ? {} : readAnswers(wiring.readUserFile(options.answers), options.answers);
  const events = options.output === 'json' && options.json !== '-' ? '-' : undefined;
  const outputs = prepareOutputs<RehearsalReport, 'json'>(
    [
      { option: 'json', path: options.json, content: (report) => joinLines([printableJson(report, 2)]) },
      { option: 'json', path: events, content: (report) => joinLines([printableJson(report)]) },
    ],
    wiring,
  );
  const session = await wiring.openSession(options.root, 'read');
  try {
    const { machine } = session;
    await refuseBegun(machine);
    const look = createLook(stderr, environment, options.color);
    const decided = await decide(session, { ...options, until: undefined }, { given, kept: {} }, wiring, look);
    const solved = decided?.assessment.solved;
    if (decided === undefined || solved === undefined) return exitCodes.blocked;
    refuseWhatCannotBe(decided.assessment, machine);
    const needed = Math.ceil(solved.plan.space.reduce((sum, { bytes }) => sum + bytes, 0) * spare);
    say(
      stderr,
      `Rehearsing: ${formatBytes(needed)} may be written below /var/tmp, and go again. This system stays as it is.`,
    );
    const report = await rehearse(machine, { ...decided, solved }, needed, options, wiring);
    if (report === 'interrupted') {
      stderr.write(text`The rehearsal was ended before its end, and thrown away. Nothing was changed.\n`);
      return exitCodes.interrupted;
    }
    for (const { file, content } of outputs) file.write(content(report));
    if (!outputs.some(({ path }) => path === '-')) {
      const shown = createLook(stdout, environment, options.color);
      stdout.write(shownLines(formatRehearsal(printableIn(report), { look: shown, columns: stdout.columns }), shown));
    }
    for (const { path } of outputs.filter((one) => one.path !== '-'))
      stderr.write(text`The report is in ${printable(path)}.\n`);
    return report.result === 'as-planned' ? exitCodes.done : exitCodes.failed;
  } finally {
    await session.close();
  }
}

/** @param needed bytes */
async function rehearse(
  machine: Machine,
  { assessment, solved, answers }: Decided & { readonly solved: Solved },
  needed: number,
  options: Command & { name: 'rehearse' },
  wiring: Wiring,
): Promise<RehearsalReport | 'interrupted'> {
  const before = { packages: await packagesOf(machine), files: await readPackageFiles(machine) };
  const view = await wiring.openView(options.root, needed);
  try {
    const store = new StateStore(view.machine);
    await beginRun(store, assessment, solved, answers);
    const performed = await performInView(view, store, assessment, options, wiring);
    if (performed === 'interrupted') return performed;
    const shipped = [before.files, await readPackageFiles(view.machine)];
    const changes = attribute(view.changes(), shippedPaths(shipped, assessment));
    const report: RehearsalReport = {
      schemaVersion: 1,
      tool: { name: 'crossgrade', version: wiring.version },
      createdAt: new Date().toISOString(),
      system: {
        root: options.root,
        hostName: shortHostName((await machine.readTextIfThere('/etc/hostname')) ?? ''),
        sourceArchitecture: assessment.pair.source.name,
        targetArchitecture: assessment.pair.target.name,
      },
      result: resultOf({ ...performed, changes }),
      ...performed,
      changes,
      bytes: view.usedBytes(),
      notRehearsed: notRehearsed(machine, view),
      changedMeanwhile: (await packagesOf(machine)) !== before.packages,
    };
    view.keep(rehearsalLog, (await view.machine.readTextIfThere(dpkgLog)) ?? '');
    view.keep(rehearsalFile, rehearsalNote(report, before.packages));
    return report;
  } finally {
    await view.close();
  }
}

async function refuseBegun(machine: Machine): Promise<void> {
  const state = await new StateStore(machine).load();
  if (!state || state.finishedAt !== null) return;
  throw new CrossgradeError('A crossgrade of this root has begun already: there is nothing left to rehearse.', {
    code: 'CG0473',
    hint: 'Nothing was changed. See how far it is with crossgrade status.',
  });
}

function refuseWhatCannotBe({ facts, pair, survey }: Assessment, machine: Machine): void {
  if (!pair.target.kernelMachines.includes(facts.runningKernel.machine)) {
    throw new CrossgradeError(`No program of ${pair.target.name} runs under the kernel that runs now.`, {
      code: 'CG0475',
      hint:
        'Nothing was changed. Let a 64-bit kernel start first, which the 32-bit system works under as well: ' +
        'crossgrade run --until kernel, then reboot. Up to there all can be taken back by crossgrade rollback.',
      details: [`it is one for ${facts.runningKernel.machine}`],
      exitCode: exitCodes.blocked,
    });
  }
  const live = (survey?.data ?? []).filter(({ kind }) => kind === 'postgresql' || kind === 'slapd');
  if (machine.root.kind !== 'host' || live.length === 0) return;
  throw new CrossgradeError('Databases of this system would have to be converted, and are in use.', {
    code: 'CG0472',
    hint:
      'Nothing was changed. A copy of files that are written to is no database. Restore a backup of this system into a ' +
      'folder, and rehearse with that: crossgrade rehearse --root DIR.',
    details: live.map(({ path }) => path),
    exitCode: exitCodes.blocked,
  });
}

type Performed = Pick<RehearsalReport, 'seconds' | 'steps' | 'slowest' | 'failure' | 'comparison'>;

async function performInView(
  { machine, keepArchives }: ViewSession,
  store: StateStore,
  { pair }: Assessment,
  options: Command & { name: 'rehearse' },
  wiring: Wiring,
): Promise<Performed | 'interrupted'> {
  const screen = createScreen({ ...options, ...wiring });
  const timeline = createTimeline(Date.now);
  const begun = Date.now();
  try {
    const end = await performRun({
      machine,
      store,
      pair,
      steps: wiring.steps,
      rootName: options.root,
      resumed: false,
      lockPatienceMs: 0,
      observe(told) {
        const event = ofRehearsal(told);
        timeline.observe(event);
        if (event.type === 'step-finished' && event.step === 'prepare/download-archives') keepArchives();
        screen.observe(event);
      },
      onSignal: (callback) => wiring.onSignal(callback),
    });
    if (end !== 'finished') return 'interrupted';
    const found = JSON.parse(await machine.readText(comparisonFile)) as Comparison;
    return { ...timesOf(timeline, begun), comparison: comparisonForRoot(found, options.root) };
  } catch (error) {
    const failure = { step: timeline.failedStep(), ...withoutNext(failureOf(error)) };
    return { ...timesOf(timeline, begun), failure };
  } finally {
    await screen.finish();
  }
}

/** What is to be typed after a failure, and where its logs lie, is true of a run alone. */
function ofRehearsal(event: RunEvent): RunEvent {
  switch (event.type) {
    case 'step-failed':
      return { ...event, failure: withoutNext(event.failure) };
    case 'run-stopped':
      return { ...event, next: 'crossgrade rehearse' };
    default:
      return event;
  }
}

function withoutNext({ code, message, details }: Failure): Failure {
  const log = new RegExp(`^log (?:.*)${dpkgLog}$`);
  return { code, message, details: details.map((line) => line.replace(log, `log ${rehearsalLog}`)) };
}

function timesOf(timeline: Timeline, begun: number): Pick<Performed, 'seconds' | 'steps' | 'slowest'> {
  return { seconds: (Date.now() - begun) / 1000, steps: timeline.steps(), slowest: timeline.slowest(mostSlow) };
}

function shippedPaths(both: readonly PackageFiles[], { facts }: Assessment): ReadonlySet<string> {
  const paths = both.map(({ lists, aliases }) => ownedPaths([...lists.values()], facts.inventory.diversions, aliases));
  const shipped = new Set(paths.flatMap((some) => [...some]));
  // A folder that is reached by another name stands in no list under its own.
  for (const path of [...shipped]) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1))
      shipped.add(path.slice(0, end));
  }
  return shipped;
}

function notRehearsed({ root }: Machine, { leftOut }: ViewSession): RehearsalReport['notRehearsed'] {
  const live = [
    { what: 'services, the boot loader and the next boot', why: 'nothing runs in a view but what works on packages' },
    { what: 'maintainer scripts that speak to a running service or to the network', why: 'a view reaches neither' },
  ];
  return [...(root.kind === 'host' ? live : []), ...leftOut.map(({ path, reason }) => ({ what: path, why: reason }))];
}
