import { readListTrouble } from '../core/apt-update.ts';
import { withoutOwn } from '../core/changes.ts';
import { CrossgradeError } from '../core/error.ts';
import type { Machine } from '../core/machine.ts';
import { makePlan } from '../core/make-plan.ts';
import { type InstalledPackage, instanceKey, nameOf } from '../core/package.ts';
import { bootDefaultFile, comparisonFile, listsFolder, reportFile } from '../core/paths.ts';
import type { Plan, TargetSet } from '../core/plan.ts';
import { formatReport } from '../core/report.ts';
import { shellWords } from '../core/shell-word.ts';
import type { Action } from '../core/step.ts';
import { unhandled } from '../core/unhandled.ts';
import { compareVersions } from '../core/version.ts';
import { awaitDefault, awaitReboot } from './await-reboot.ts';
import { performBatch, runTriggers } from './batch.ts';
import type { Performance } from './context.ts';
import { dropExports, exportData, importData } from './data/carry.ts';
import { download } from './download.ts';
import { buildInitramfs } from './initramfs.ts';
import { rebuildVirtualenvs, recordLocalSoftware } from './local-software.ts';
import { writeLog } from './logs.ts';
import { putBackOriginals, restoreStatus, saveOriginals } from './originals.ts';
import { readOtherRoom } from './other-room.ts';
import { removeOwnCache } from './own-folders.ts';
import { readFacts } from './probe.ts';
import { compareSinceReboot } from './reboot-network.ts';
import { recordBefore, restoreTopFolders } from './record.ts';
import { saveForRescue } from './rescue.ts';
import { startServices } from './service-check.ts';
import { purgeOneOfTwo, restoreShared } from './shared-configuration.ts';
import { type ArchiveSums, compareSharedFiles, findFileClashes, readArchiveSums, type Twins } from './shared-files.ts';
import { assertUsable, targetLists, updateCommand } from './solve.ts';
import { verify } from './verify.ts';

/** Does one action. The only place where an action meets the system. */
export async function perform(performance: Performance, action: Action): Promise<void> {
  const { machine, store, context, pair } = performance;
  switch (action.do) {
    case 'command':
      return command(performance, action.argv);
    case 'write':
      return machine.write(action.path, action.content, action.mode === undefined ? {} : { mode: action.mode });
    case 'remove':
      return machine.remove(action.path);
    case 'remove-tree':
      return machine.removeTree(action.path);
    case 'record':
      return recordBefore(machine, context.facts);
    case 'record-local-software':
      return recordLocalSoftware(performance);
    case 'rebuild-virtualenvs':
      return rebuildVirtualenvs(performance);
    case 'restore-top-folders':
      return context.before && restoreTopFolders(machine, context.before);
    case 'update-lists':
      return updateLists(performance);
    case 'download':
      return download(performance, action.archives);
    case 'compare-shared-files':
      return comparePlan(performance);
    case 'batch':
      return action.leaving === undefined
        ? performBatch(performance, action.batch, await store.plan())
        : purgeOneOfTwo(performance, action.batch, action.leaving);
    case 'save-originals':
      return saveOriginals(performance, action.level);
    case 'put-back':
      return putBackOriginals(performance, action.batch);
    case 'restore-status':
      return restoreStatus(performance);
    case 'run-triggers':
      return runTriggers(performance, action.instances);
    case 'save-for-rescue':
      return saveForRescue(machine, context, action.names);
    case 'build-initramfs': {
      const { initramfsGenerator: generator, elsewhere } = context.facts;
      const anyClass = action.anyClass ?? false;
      return generator && buildInitramfs(machine, generator, action.version, pair, anyClass, elsewhere?.initramfs);
    }
    case 'remove-cache':
      return removeOwnCache(machine);
    case 'restore-shared':
      return restoreShared(performance);
    case 'export-data':
      return exportData(performance);
    case 'import-data':
      return importData(performance);
    case 'drop-exports':
      return dropExports(performance);
    case 'verify': {
      const before = context.before;
      if (before) {
        const facts = await readFacts(machine, store.state.milestones);
        const comparison = await verify(machine, pair, context.plan, before, facts);
        await machine.write(comparisonFile, JSON.stringify(comparison), { mode: 0o600 });
        await writeLog(machine, reportFile, formatReport(comparison));
      }
      return;
    }
    case 'await-reboot':
      return awaitReboot(performance, action);
    case 'await-default':
      return awaitDefault(performance, action);
    case 'start-services':
      return startServices(performance, action.units);
    case 'compare-network':
      return compareSinceReboot(performance);
    case 'await-old-kernel':
      throw new CrossgradeError('The new kernel is running, and a kernel that runs cannot be removed.', {
        code: 'CG0254',
        hint:
          bootDefaultFile in context.facts.ownFiles
            ? 'What came after it has been taken back. Reboot: the old kernel is GRUB’s default again. Then type crossgrade rollback.'
            : 'What came after it has been taken back. Make the old kernel the default again, boot it, then type crossgrade rollback.',
        exitCode: 4,
      });
    case 'milestone':
      return store.update({ milestones: { ...store.state.milestones, [action.name]: new Date().toISOString() } });
    default:
      return unhandled(action);
  }
}

async function command({ machine, step, observe }: Performance, argv: readonly string[]): Promise<void> {
  const begun = Date.now();
  const result = await machine.run(argv);
  observe({ type: 'command', step, argv, exitCode: result.exitCode, seconds: (Date.now() - begun) / 1000 });
  if (result.exitCode !== 0) {
    throw new CrossgradeError(`${argv[0] ?? ''} failed.`, {
      code: 'CG0206',
      details: [
        `${shellWords(argv)}      (exit code ${result.exitCode})`,
        ...`${result.stderr}\n${result.stdout}`
          .split('\n')
          .filter((line) => line.trim() !== '')
          .slice(0, 8),
      ],
      hint: 'Nothing after this step has started. Mend the cause, then type crossgrade resume.',
    });
  }
}

/** The lists that the plan was made with; a resume, which has them no more, fetches them anew. */
async function updateLists({ machine, pair }: Performance): Promise<void> {
  const lists = `${targetLists(machine)}/lists` as const;
  if (await machine.exists(lists)) {
    const copied = await machine.run(
      ['find', lists, '-maxdepth', '1', '-type', 'f', '!', '-name', 'lock', '!', '-name', '*_local_*'].concat([
        '-exec',
        'cp',
        '--archive',
        '--target-directory',
        listsFolder,
        '{}',
        '+',
      ]),
    );
    if (copied.exitCode === 0) {
      return;
    }
  }
  assertUsable(readListTrouble(await machine.run(updateCommand), pair), pair, true);
}

/** Finds shared files that differ, and plans again with what is known now. */
async function comparePlan(performance: Performance): Promise<void> {
  const { machine, store, step, context, pair, target, observe } = performance;
  const { plan, facts } = context;
  const twins: Twins[] = [];
  for (const wish of target.packages) {
    const installed = facts.inventory.packages.find(
      (one) => one.name === wish.name && one.architecture === pair.source.name && one.state === 'installed',
    );
    const archive = plan.archives.find((one) => one.key === `${wish.name}:${pair.target.name}`);
    const standsBeside = installed?.multiArch === 'same' && wish.multiArch === 'same';
    if (installed && archive && standsBeside && compareVersions(installed.version, wish.version) === 0) {
      twins.push({ installed, archive });
    }
  }
  const leaving = leavingPackages(performance);
  const looked = leaving.length > 0 ? plan.archives : twins.map(({ archive }) => archive);
  const sums = await readArchiveSums(machine, looked);
  const differingFiles = await compareSharedFiles(machine, twins, sums, (done, current) =>
    observe({
      type: 'step-progress',
      step,
      progress: { activity: 'compare', done, total: twins.length, unit: 'packages', current },
    }),
  );
  Object.assign(differingFiles, await compareLevelled(machine, plan));
  for (const [name, paths] of Object.entries(differingFiles)) {
    observe({ type: 'step-message', step, text: `${name}: its builds differ in ${paths.join(', ')}: planned for` });
  }
  const basis = await store.basis();
  const { plan: better, problems } = makePlan({
    pair,
    // A kernel that an earlier plan has brought is to be brought by this one as well.
    inventory: basis ? withoutOwn(facts, basis, plan, pair).inventory : facts.inventory,
    target: await withClashes(performance, leaving, sums),
    residualConfig: context.answers['residual-config'] === 'keep' ? 'keep' : 'purge',
    differingFiles,
    ...(await readOtherRoom(machine, facts)),
  });
  if (problems.length > 0) {
    throw new CrossgradeError('With what the archives show, dpkg would refuse a part of the plan.', {
      code: 'CG0230',
      details: problems.slice(0, 10).map((problem) => problem.text),
      hint: 'No package was touched. Type crossgrade rollback to take back the preparations.',
    });
  }
  await store.savePlan(better);
}

/** What is levelled only afterwards: both builds are archives still. */
async function compareLevelled(machine: Machine, { level = [], archives, targetArchitecture }: Plan) {
  const pairs = level.flatMap(({ key }) => {
    const name = nameOf(key);
    const [one, other] = [key, `${name}:${targetArchitecture}`].map((each) => archives.find((a) => a.key === each));
    return one && other && one !== other ? [{ name, one, other }] : [];
  });
  const sums = await readArchiveSums(
    machine,
    pairs.flatMap(({ one, other }) => [one, other]),
  );
  return Object.fromEntries(
    pairs
      .map(({ name, one, other }): [string, string[]] => {
        const known = sums.get(other.fileName);
        const differing = [...(sums.get(one.fileName) ?? [])].filter(
          ([path, sum]) => (known?.get(path) ?? sum) !== sum,
        );
        return [name, differing.map(([path]) => path).sort()];
      })
      .filter(([, paths]) => paths.length > 0),
  );
}

/** Packages whose name the target system does not have. */
function leavingPackages({ context, target }: Performance): InstalledPackage[] {
  const names = new Set(target.packages.map((wish) => wish.name));
  return context.facts.inventory.packages.filter((one) => one.state !== 'config-files' && !names.has(one.name));
}

/** The target set, in which a package conflicts with what stands in its files' place. */
async function withClashes(
  { machine, step, context, target, observe }: Performance,
  leaving: readonly InstalledPackage[],
  sums: ArchiveSums,
): Promise<TargetSet> {
  const clashes = await findFileClashes(machine, leaving, context.plan.archives, sums);
  const packages = target.packages.map((wish) => {
    const enemies = clashes.get(instanceKey(wish));
    if (enemies === undefined) {
      return wish;
    }
    const text = `${wish.name} has files of ${enemies.map(instanceKey).join(', ')}, which goes first`;
    observe({ type: 'step-message', step, text });
    const conflicts = enemies.map(({ name, architecture }) => ({ name, qualifier: architecture }));
    return { ...wish, conflicts: [...wish.conflicts, ...conflicts] };
  });
  return { ...target, packages };
}
