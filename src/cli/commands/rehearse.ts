import { createHash } from 'node:crypto';
import { CrossgradeError } from '../../base/error.ts';
import { exitCodes } from '../../base/exit-codes.ts';
import type { Machine } from '../../base/machine.ts';
import { comparisonFile, dpkgFolder, extendedStatesFile } from '../../base/own-paths.ts';
import { joinLines, printable, printableIn, printableJson, text } from '../../base/printable.ts';
import { readAnswers } from '../../check/answers-file.ts';
import { shortHostName } from '../../check/check-report.ts';
import type { Assessment } from '../../check/system/assess.ts';
import type { Comparison } from '../../compare/comparison.ts';
import { attribute } from '../../rehearsal/attribute.ts';
import { type RehearsalReport, resultOf } from '../../rehearsal/rehearsal-report.ts';
import { createTimeline, type Timeline } from '../../rehearsal/timeline.ts';
import { failureOf } from '../../run/event.ts';
import { comparisonForRoot } from '../../run/name-root.ts';
import { performRun } from '../../run/system/perform-run.ts';
import { ownedPaths } from '../../software/software-survey.ts';
import { type PackageFiles, readPackageFiles } from '../../software/system/local-files.ts';
import { basisOf } from '../../state/basis.ts';
import { StateStore } from '../../state/system/state-store.ts';
import type { Command } from '../arguments/arguments.ts';
import { prepareOutputs } from '../arguments/outputs.ts';
import { formatRehearsal } from '../report/rehearsal-view.ts';
import { createScreen } from '../screen/create-screen.ts';
import { createLook, shownLines } from '../screen/terminal.ts';
import { formatBytes } from '../words/format.ts';
import { say } from '../words/text.ts';
import { decide } from './run.ts';
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
  const outputs = prepareOutputs<RehearsalReport, 'json'>(
    [{ option: 'json', path: options.json, content: (report) => joinLines([printableJson(report, 2)]) }],
    wiring,
  );
  const session = await wiring.openSession(options.root, 'read');
  try {
    const { machine } = session;
    await refuseBegun(machine);
    const look = createLook(stderr, environment, options.color);
    const decided = await decide(session, { ...options, until: undefined }, { given, kept: {} }, wiring, look);
    const { assessment } = decided ?? {};
    if (decided === undefined || assessment?.solved === undefined) return exitCodes.blocked;
    refuseWhatCannotBe(assessment, machine);
    const needed = Math.ceil(assessment.solved.plan.space.reduce((sum, { bytes }) => sum + bytes, 0) * spare);
    say(
      stderr,
      `Rehearsing: ${formatBytes(needed)} may be written below /var/tmp, and go again. This system stays as it is.`,
    );
    const before = { ...(await identityOf(machine)), files: await readPackageFiles(machine) };
    const view = await wiring.openView(options.root, needed);
    let report: RehearsalReport | undefined;
    try {
      const store = new StateStore(view.machine);
      await begin(store, decided);
      const performed = await performInView(view, store, assessment, options, wiring);
      if (performed === 'interrupted') {
        stderr.write(text`The rehearsal was ended before its end, and thrown away. Nothing was changed.\n`);
        return exitCodes.interrupted;
      }
      const shipped = [before.files, await readPackageFiles(view.machine)];
      report = {
        ...performed,
        schemaVersion: 1,
        tool: { name: 'crossgrade', version: wiring.version },
        createdAt: new Date().toISOString(),
        system: {
          root: options.root,
          hostName: shortHostName((await machine.readTextIfThere('/etc/hostname')) ?? ''),
          sourceArchitecture: assessment.pair.source.name,
          targetArchitecture: assessment.pair.target.name,
        },
        changes: attribute(view.changes(), shippedPaths(shipped, assessment)),
        bytes: view.usedBytes(),
        notRehearsed: notRehearsed(machine, view),
        changedMeanwhile: (await identityOf(machine)).packages !== before.packages,
        result: 'failed',
      };
      report = { ...report, result: resultOf(report) };
      view.keepNote(JSON.stringify({ ...report, packages: before.packages }));
    } finally {
      await view.close();
    }
    const done: RehearsalReport = report;
    for (const { file, content } of outputs) file.write(content(done));
    if (!outputs.some(({ path }) => path === '-')) {
      const shown = createLook(stdout, environment, options.color);
      stdout.write(shownLines(formatRehearsal(printableIn(done), { look: shown, columns: stdout.columns }), shown));
    }
    for (const { path } of outputs.filter((one) => one.path !== '-'))
      stderr.write(text`The report is in ${printable(path)}.\n`);
    return done.result === 'as-planned' ? exitCodes.done : exitCodes.failed;
  } finally {
    await session.close();
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

async function begin(
  store: StateStore,
  { assessment, answers }: { assessment: Assessment; answers: Awaited<ReturnType<StateStore['answers']>> },
): Promise<void> {
  const { solved, pair, facts } = assessment;
  if (solved === undefined) return;
  const startedAt = new Date().toISOString();
  await store.begin(
    {
      tool: 'crossgrade',
      version: 2,
      runId: startedAt.replace(/[^0-9]/g, '').slice(0, 14),
      sourceArchitecture: pair.source.name,
      targetArchitecture: pair.target.name,
      startedAt,
      bootId: facts.runningKernel.bootId,
      running: null,
      finishedSteps: {},
      milestones: {},
      finishedAt: null,
      until: null,
    },
    solved.plan,
    solved.target,
    answers,
    basisOf(facts),
  );
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
      observe(event) {
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
    const { code, message, details } = failureOf(error);
    return { ...timesOf(timeline, begun), failure: { step: timeline.failedStep(), code, message, details } };
  } finally {
    await screen.finish();
  }
}

function timesOf(timeline: Timeline, begun: number): Pick<Performed, 'seconds' | 'steps' | 'slowest'> {
  return { seconds: (Date.now() - begun) / 1000, steps: timeline.steps(), slowest: timeline.slowest(mostSlow) };
}

/** What the packages of a root are: another one when any was changed, or its mark. */
async function identityOf(machine: Machine): Promise<{ readonly packages: string }> {
  const hash = createHash('sha256');
  for (const path of [`${dpkgFolder}/status`, extendedStatesFile] as const) {
    hash.update((await machine.readTextIfThere(path)) ?? '').update('\0');
  }
  return { packages: hash.digest('hex') };
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
