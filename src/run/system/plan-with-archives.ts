import { CrossgradeError } from '../../base/error.ts';
import type { Machine } from '../../base/machine.ts';
import { type InstalledPackage, instanceKey, nameOf } from '../../debian/package.ts';
import { compareVersions } from '../../debian/version.ts';
import {
  type ArchiveSums,
  compareSharedFiles,
  findFileClashes,
  readArchiveSums,
  type Twins,
} from '../../dpkg/system/shared-files.ts';
import { readOtherSpace } from '../../hardware/system/other-space.ts';
import { makePlan } from '../../plan/make-plan.ts';
import type { Plan, TargetSet } from '../../plan/plan.ts';
import { withoutOwn } from '../../state/changes.ts';
import type { Performance } from '../../state/system/performance.ts';

/** Finds shared files that differ, and plans again with what is known now. */
export async function planWithArchives(performance: Performance): Promise<void> {
  const { machine, store, step, context, pair, target, observe } = performance;
  const { plan, facts } = context;
  const twins: Twins[] = [];
  for (const build of target.packages) {
    const installed = facts.inventory.packages.find(
      (one) => one.name === build.name && one.architecture === pair.source.name && one.state === 'installed',
    );
    const archive = plan.archives.find((one) => one.key === `${build.name}:${pair.target.name}`);
    const standsBeside = installed?.multiArch === 'same' && build.multiArch === 'same';
    if (installed && archive && standsBeside && compareVersions(installed.version, build.version) === 0) {
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
    ...(await readOtherSpace(machine, facts)),
  });
  if (problems.length > 0) {
    throw new CrossgradeError('With what the archives show, dpkg would refuse a part of the plan.', {
      code: 'CG0230',
      details: problems.slice(0, 10).map((problem) => problem.text),
      hint: 'No package was touched. Type crossgrade rollback to take back the preparations.',
    });
  }
  // What was not made from packages is in no other place.
  await store.savePlan({ ...better, ...(plan.givenMarks && { givenMarks: plan.givenMarks }) });
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
  const names = new Set(target.packages.map((build) => build.name));
  return context.facts.inventory.packages.filter((one) => one.state !== 'config-files' && !names.has(one.name));
}

/** The target set, in which a package conflicts with what stands in its files' place. */
async function withClashes(
  { machine, step, context, target, observe }: Performance,
  leaving: readonly InstalledPackage[],
  sums: ArchiveSums,
): Promise<TargetSet> {
  const clashes = await findFileClashes(machine, leaving, context.plan.archives, sums);
  const packages = target.packages.map((build) => {
    const enemies = clashes.get(instanceKey(build));
    if (enemies === undefined) {
      return build;
    }
    const text = `${build.name} has files of ${enemies.map(instanceKey).join(', ')}, which goes first`;
    observe({ type: 'step-message', step, text });
    const conflicts = enemies.map(({ name, architecture }) => ({ name, qualifier: architecture }));
    return { ...build, conflicts: [...build.conflicts, ...conflicts] };
  });
  return { ...target, packages };
}
