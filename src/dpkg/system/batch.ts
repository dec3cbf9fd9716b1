import { CrossgradeError } from '../../base/error.ts';
import type { Machine, ProcessHandle } from '../../base/machine.ts';
import { archiveFolder, dpkgFolder, logFolder, stateFolder } from '../../base/own-paths.ts';
import { joinLines, printable } from '../../base/printable.ts';
import type { RootPath } from '../../base/root.ts';
import { signsOfFullDisk } from '../../base/system/full-disk.ts';
import { appendLog } from '../../base/system/logs.ts';
import type { InstanceKey } from '../../debian/package.ts';
import { openCount, openWork } from '../../plan/batch-progress.ts';
import type { Archive, Batch, Plan } from '../../plan/plan.ts';
import { isReplacing } from '../../plan/replacing.ts';
import type { Observer, PackageFailure } from '../../run/event.ts';
import { notePointOfNoReturn } from '../../state/system/note-point-of-no-return.ts';
import type { Performance } from '../../state/system/performance.ts';
import { withoutKnownOutput } from '../known-output.ts';
import { takeArchives } from './archives.ts';
import { readFailures, readStatusLine } from './dpkg-log.ts';
import { readPackages } from './read-packages.ts';

export const dpkgLog: RootPath = `${logFolder}/dpkg.log`;
const statusFile: RootPath = `${stateFolder}/dpkg-status`;
export const exitFile: RootPath = `${stateFolder}/dpkg-exit`;
const pollMs = 250;

/**
 * These programs are covered by an empty one while dpkg runs. An initramfs is built once, at the end: each
 * build takes longer than most packages, and one made half-way would be of both architectures.
 */
const postponedPrograms: readonly RootPath[] = ['/usr/sbin/update-initramfs', '/usr/bin/dracut'];

/**
 * Lets dpkg do what is open of a batch. A package that fails does not keep the others from being done.
 *
 * @param folder where the plan's archives are
 * @throws {CrossgradeError} CG0220 an archive was damaged, CG0221 dpkg was ended from outside, CG0222 disk full,
 *   CG0224 dpkg refused to begin; packages are left because of a script (CG0223), of what stands in the way (CG0225), of
 *   something that is missing (CG0226), or nobody knows why (CG0227)
 */
export async function performBatch(
  performance: Performance,
  batch: Batch,
  plan: Pick<Plan, 'archives'>,
  folder = archiveFolder,
): Promise<void> {
  const { machine, step, observe } = performance;
  const work = openWork(batch, plan, await readPackages(machine));
  if (openCount(work) === 0) {
    return;
  }
  observe({ type: 'batch-started', step, batch: batch.id, wave: batch.wave, packages: openCount(work) });
  const started = Date.now();
  await verifyArchives(machine, work.toUnpack, folder);
  if (isReplacing(batch.wave) || performance.context.plan.takenOver) await notePointOfNoReturn(performance.store);
  const call = async (operation: readonly string[], packages: number): Promise<number> => {
    const end = await runDpkg(performance, batch.id, [...forceOptions(batch), ...operation], packages);
    failures.push(...end.failures);
    return end.exitCode;
  };
  const files = work.toUnpack.map((archive) =>
    folder === archiveFolder ? archive.fileName : `${folder}/${archive.fileName}`,
  );
  const unfinished = [...work.toConfigure, ...work.toUnpack.map((archive) => archive.key)];
  let exitCode = 0;
  const failures: PackageFailure[] = [];
  if (batch.operation === 'remove' || batch.operation === 'purge') {
    exitCode = await call([`--${batch.operation}`, ...work.toRemove], work.toRemove.length);
  } else if (batch.operation === 'install' && work.toConfigure.length > 0) {
    // An earlier call was interrupted: what it unpacked has to be configured together with the rest.
    exitCode = files.length > 0 ? await call(['--unpack', ...files], files.length) : 0;
    if (exitCode !== cutShort)
      exitCode = Math.max(exitCode, await call(['--configure', ...unfinished], unfinished.length));
  } else if (batch.operation === 'configure') {
    exitCode = await call(['--configure', ...work.toConfigure], work.toConfigure.length);
  } else {
    exitCode = await call([`--${batch.operation}`, ...files], files.length);
  }
  observe({ type: 'batch-finished', step, batch: batch.id, seconds: (Date.now() - started) / 1000, exitCode });
  if (exitCode === cutShort) return;
  const left = openWork(batch, plan, await readPackages(machine));
  if (openCount(left) > 0) {
    const names = [...left.toUnpack.map((archive) => archive.key), ...left.toConfigure, ...left.toRemove];
    throw packagesFailed(names, failures);
  }
}

/** Configures packages and runs the triggers that every batch has put off. */
export async function runTriggers(performance: Performance, instances: readonly InstanceKey[]): Promise<void> {
  await runDpkg(performance, 'triggers', ['--triggers', '--configure', '--pending'], instances.length);
}

/** Checks every archive against the sum from the signed index, right before dpkg gets it. */
export async function verifyArchives(
  machine: Machine,
  archives: readonly Archive[],
  folder = archiveFolder,
): Promise<void> {
  if (folder === archiveFolder) await takeArchives(machine);
  for (const archive of archives) {
    const path: RootPath = `${folder}/${archive.fileName}`;
    const sum = (await machine.exists(path)) ? await machine.hash(path, 'sha256') : 'missing';
    if (sum !== archive.sha256) {
      await machine.remove(path);
      throw new CrossgradeError(`${archive.fileName} is not what the signed package lists promise.`, {
        code: 'CG0220',
        details: [`SHA256 expected ${archive.sha256}`, `SHA256 found    ${sum}`],
        hint:
          'The file was removed; dpkg never saw it, and nothing of this batch was done. Check the disk, then type ' +
          'crossgrade resume: the file is fetched again.',
      });
    }
  }
}

function forceOptions(batch: Batch): string[] {
  return batch.force.map((word) => `--force-${word}`);
}

/** The host goes down: dpkg was ended, and we shall stop, which is no failure of a package. As a shell has SIGTERM. */
const cutShort = 143;

interface CallEnd {
  readonly exitCode: number;
  readonly failures: readonly PackageFailure[];
}

/** One dpkg call that outlives us, with its progress. */
async function runDpkg(
  { machine, store, step, observe, interruption }: Performance,
  batch: string,
  operation: readonly string[],
  packages: number,
): Promise<CallEnd> {
  const argv = [
    'dpkg',
    '--status-fd=3',
    '--abort-after=100000',
    '--force-confdef',
    '--force-confold',
    ...(operation.includes('--triggers') ? [] : ['--no-triggers']),
    ...operation,
  ];
  const logOffset = (await machine.info(dpkgLog))?.bytes ?? 0;
  const head = ['', `### ${new Date().toISOString()} ${step} ${batch}`, `### ${shorten(argv)}`];
  await appendLog(machine, dpkgLog, joinLines(head.map(printable)));
  await machine.remove(exitFile);
  // Whoever empties /var/cache takes no way back.
  await machine.makeDirectory(archiveFolder, 0o755);
  const begun = Date.now();
  const handle: ProcessHandle = await machine.start({
    argv,
    workingDirectory: archiveFolder,
    logFile: dpkgLog,
    statusFile,
    exitFile,
    // The removal of an old kernel must reach the real one: it deletes that kernel's initramfs.
    masked: operation.includes('--purge') || operation.includes('--remove') ? [] : postponedPrograms,
  });
  // Whatever goes wrong on our side: dpkg is at work, and must be let come to its end.
  const trouble = await errorOf(
    store.update({ running: { step, batch, process: handle, logFile: dpkgLog, statusFile, exitFile } }),
  );
  const follow = progressFollower(machine, step, packages, observe);
  const exitCode = await machine.wait(handle, exitFile, pollMs, async () => {
    await errorOf(follow());
  });
  observe({
    type: 'command',
    step,
    argv: shorten(argv).split(' '),
    exitCode: exitCode ?? -1,
    seconds: (Date.now() - begun) / 1000,
  });
  const said = await machine.readTextFrom(dpkgLog, logOffset);
  const signs = exitCode === 0 ? [] : await signsOfFullDisk(machine, said, [dpkgFolder]);
  if (signs.length > 0) {
    throw new CrossgradeError('The disk is full: dpkg could not write.', {
      code: 'CG0222',
      details: [...signs, `log ${dpkgLog}`],
      hint: 'What was unpacked so far stays usable. Make room, then type crossgrade resume.',
    });
  }
  if (trouble !== undefined) {
    throw trouble;
  }
  await store.update({ running: null });
  await tidyLog(machine);
  const isEnded = exitCode === undefined || exitCode > 2;
  if (isEnded && interruption.requested) return { exitCode: cutShort, failures: [] };
  const failures = readFailures(said);
  for (const failure of failures) {
    observe({ type: 'package-failed', step, failure });
  }
  if (isEnded) {
    throw new CrossgradeError('dpkg was ended from outside before it was done.', {
      code: 'CG0221',
      details: [`batch ${batch}; log ${dpkgLog}`],
      hint: 'Type crossgrade resume: what is done is judged from the package database, the rest is done again.',
    });
  }
  if (exitCode !== 0 && failures.length === 0) {
    throw new CrossgradeError('dpkg refused to work.', {
      code: 'CG0224',
      details: [...lastLines(said), `log ${dpkgLog}`],
      hint: 'It names no package that it could not deal with. Mend what it says, then type crossgrade resume.',
    });
  }
  return { exitCode, failures };
}

/** What dpkg said at last. */
function lastLines(said: string): string[] {
  return said
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('### '))
    .slice(-8);
}

/** @returns what went wrong, for later; undefined when nothing did */
export async function errorOf(work: Promise<void>): Promise<unknown> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return error;
  }
}

/**
 * Takes out of dpkg's log what looks like an error and is none. As a whole, since a call that we did not see the end
 * of may be in it.
 */
async function tidyLog(machine: Machine): Promise<void> {
  const text = await machine.readText(dpkgLog);
  const tidy = withoutKnownOutput(text);
  if (tidy !== text) {
    // On a full disk it stays as it is: what is wrong is said by other lines.
    await machine.write(dpkgLog, tidy).catch(() => undefined);
  }
}

/** What packages are left with: what dpkg said of the first cause, or that it said nothing. */
export function packagesFailed(names: readonly string[], failures: readonly PackageFailure[]): CrossgradeError {
  const { code, what, hint } = whyUnfinished(failures);
  return new CrossgradeError(
    `dpkg could not finish ${names.length} ${names.length === 1 ? 'package' : 'packages'}: ${what}.`,
    {
      code,
      details: [
        names.slice(0, 12).join(' ') + (names.length > 12 ? ` and ${names.length - 12} more` : ''),
        `log ${dpkgLog}`,
      ],
      hint: `Everything else of this batch was done. ${hint}, then type crossgrade resume.`,
    },
  );
}

function whyUnfinished(failures: readonly PackageFailure[]): { code: string; what: string; hint: string } {
  const causes = failures.filter(({ consequence }) => !consequence);
  if (causes.some(({ message }) => /\bscript\b/.test(message))) {
    const hint = 'Look at the output above, mend what the script could not do';
    return { code: 'CG0223', what: 'a script of a package failed', hint };
  }
  if (causes.length > 0) {
    const hint = 'Take away what stands in the way, as the output above names it';
    return { code: 'CG0225', what: 'dpkg refused an archive or a package', hint };
  }
  if (failures.length > 0) {
    const hint = 'See which package is missing or not configured, as the output above names it, and bring it back';
    return { code: 'CG0226', what: 'something that they depend on is missing', hint };
  }
  const hint = 'Look whether another program works on the packages, or holds them back (dpkg --audit)';
  return { code: 'CG0227', what: 'dpkg says that it has done all, and they are not', hint };
}

/** Long lists of packages make a log unreadable. */
function shorten(argv: readonly string[]): string {
  return argv.length <= 14 ? argv.join(' ') : `${argv.slice(0, 12).join(' ')} … (${argv.length - 12} more)`;
}

function progressFollower(machine: Machine, step: string, packages: number, observe: Observer): () => Promise<void> {
  let offset = 0;
  let rest = '';
  const done = new Map<string, Set<string>>();
  return async () => {
    const text = await machine.readTextFrom(statusFile, offset);
    offset += Buffer.byteLength(text);
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    let latest: { activity: string; current: string } | undefined;
    for (const line of lines) {
      const status = readStatusLine(line);
      if (status && status.kind !== 'error') {
        const activity = activities[status.kind];
        done.set(activity, (done.get(activity) ?? new Set()).add(status.package));
        latest = { activity, current: status.package };
      }
    }
    if (latest) {
      const count = done.get(latest.activity)?.size ?? 0;
      observe({
        type: 'step-progress',
        step,
        progress: {
          activity: latest.activity,
          done: Math.min(count, Math.max(packages, count)),
          total: Math.max(packages, count),
          unit: 'packages',
          current: latest.current,
        },
      });
    }
  };
}

const activities = { unpacking: 'unpack', configuring: 'configure', removing: 'remove', triggers: 'triggers' } as const;
