import { CrossgradeError } from '../../base/error.ts';
import type { Machine } from '../../base/machine.ts';
import { archiveFolder, dpkgFolder, engineUnit, rescueFolder, rescueMarker } from '../../base/own-paths.ts';
import type { FileInfo, RootPath } from '../../base/root.ts';
import { type InstalledPackage, type InstanceKey, instanceKey } from '../../debian/package.ts';
import { infoName } from '../../dpkg/file-lists.ts';
import { verifyArchives } from '../../dpkg/system/batch.ts';
import { heldDpkgLocks } from '../../dpkg/system/dpkg-locks.ts';
import type { Archive } from '../../plan/plan.ts';
import { isVitalPath, wantedInstances } from '../../plan/rescue-set.ts';
import type { StepContext } from '../step.ts';
import { nameEarlier } from './await-earlier.ts';
import { readFacts } from './read-facts.ts';

/** Keeps both builds of the vital packages, file by file, so that they can be put back without any program. */
export async function saveForRescue(
  machine: Machine,
  { plan, pair, facts }: StepContext,
  names: readonly string[],
): Promise<void> {
  await machine.removeTree(rescueFolder);
  await machine.makeDirectory(rescueFolder, 0o700);
  for (const name of names) {
    const installed = facts.inventory.packages.find(
      (one) => one.name === name && one.architecture === pair.source.name && one.state !== 'config-files',
    );
    if (installed) await saveInstalled(machine, installed);
    const archive = plan.archives.find(({ key }) => key === `${name}:${pair.target.name}`);
    if (archive) await saveArchive(machine, archive);
  }
  await machine.write(rescueMarker, '');
}

function folderOf(key: InstanceKey): RootPath {
  return `${rescueFolder}/${key.replace(':', '_')}`;
}

async function saveInstalled(machine: Machine, installed: InstalledPackage): Promise<void> {
  const list = await machine.readText(`${dpkgFolder}/info/${infoName(installed)}.list`);
  const paths: string[] = [];
  for (const path of list.split('\n').filter((one) => one.startsWith('/') && isVitalPath(one))) {
    const place = await realPlace(machine, path as RootPath);
    const info = await machine.info(place);
    if (info && info.type !== 'directory') paths.push(place);
  }
  const folder = folderOf(instanceKey(installed));
  await machine.makeDirectory(folder, 0o755);
  if (paths.length > 0) await must(machine, ['cp', '--archive', '--parents', `--target-directory=${folder}`, ...paths]);
}

/** Files that a package ships in /bin or /lib lie in /usr on a merged system, where cp cannot copy the symlink's name. */
async function realPlace(machine: Machine, path: RootPath): Promise<RootPath> {
  const top: RootPath = `/${path.split('/')[1]}`;
  return (await machine.info(top))?.type === 'symlink' ? `/usr${path}` : path;
}

async function saveArchive(machine: Machine, archive: Archive): Promise<void> {
  const { key, fileName } = archive;
  await verifyArchives(machine, [archive]);
  const folder = folderOf(key);
  await must(machine, ['dpkg-deb', '--extract', `${archiveFolder}/${fileName}`, folder]);
  for (const { path, info } of await machine.walk(folder)) {
    if (info.type !== 'directory' && !isVitalPath(path.slice(folder.length))) await machine.remove(path);
  }
}

async function must(machine: Machine, argv: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await machine.run(argv);
  if (exitCode === 0) return;
  throw new CrossgradeError('The programs for a rescue cannot be saved.', {
    code: 'CG0236',
    details: stderr.split('\n').slice(0, 5),
    hint: 'No package was touched. Make room or mend what the message names, then type crossgrade resume.',
  });
}

/**
 * In the middle of an unpack the package database says something else than the disk, and what looks damaged is not.
 * Waits for programs that a killed crossgrade has left. Runs none.
 *
 * @param isEngineActive undefined where systemd does not answer: a rescue is for what is broken
 * @throws {CrossgradeError} CG0274 when somebody is at work on the packages
 */
export async function assertNobodyAtWork(
  machine: Machine,
  isEngineActive: boolean | undefined,
  onWait: (programs: string) => void,
): Promise<void> {
  if (isEngineActive) throw atWork([`the unit ${engineUnit} is active`]);
  let told = false;
  await machine.waitForEarlier(250, (atWork) => {
    if (!told) onWait(nameEarlier(atWork));
    told = true;
    return true;
  });
  const held = (await heldDpkgLocks(machine)) ?? [];
  if (held.length > 0) throw atWork(held.map(({ path, holder }) => `${path} is held by ${holder}`));
}

function atWork(details: readonly string[]): CrossgradeError {
  return new CrossgradeError('Packages are being changed now: what looks damaged may be on its way.', {
    code: 'CG0274',
    details,
    hint: 'Nothing was put back. See how far it is with crossgrade status; when it has ended, type crossgrade rescue again.',
    exitCode: 5,
  });
}

/** A file that is not as its package has it, and where a good copy of it lies. */
export interface Damage {
  readonly path: RootPath;
  readonly copy: RootPath;
  readonly how: 'missing' | 'changed';
}

/**
 * Compares the vital packages' files with their saved copies. Runs no program.
 *
 * @throws {CrossgradeError} CG0272 when nothing was saved
 */
export async function findDamage(machine: Machine): Promise<Damage[]> {
  if (!(await machine.exists(rescueMarker))) {
    throw new CrossgradeError('There are no saved programs on this system.', {
      code: 'CG0272',
      hint: 'Nothing was changed. They are there from the first steps of a crossgrade of the running system to its end.',
    });
  }
  const { inventory } = await readFacts(machine);
  const saved = (await machine.list(rescueFolder)).filter((name) => name.includes('_'));
  const keys = saved.map(
    (name): InstanceKey => `${name.slice(0, name.lastIndexOf('_'))}:${name.slice(name.lastIndexOf('_') + 1)}`,
  );
  const diverted = new Set(inventory.diversions.map((one) => one.path));
  const damages: Damage[] = [];
  for (const key of wantedInstances(keys, inventory.packages, inventory.nativeArchitecture)) {
    const folder = folderOf(key);
    for (const { path: copy, info } of await machine.walk(folder)) {
      const path = copy.slice(folder.length) as RootPath;
      if (info.type === 'directory' || diverted.has(path)) continue;
      const how = await compareWith(machine, copy, info, path);
      if (how) damages.push({ path, copy, how });
    }
  }
  return damages;
}

/** Of what was damaged before, what still is, and would get the same copy. */
export function stillDamaged(before: readonly Damage[], now: readonly Damage[]): Damage[] {
  return now.filter(({ copy }) => before.some((one) => one.copy === copy));
}

async function compareWith(
  machine: Machine,
  copy: RootPath,
  info: FileInfo,
  path: RootPath,
): Promise<Damage['how'] | undefined> {
  const now = await machine.info(path);
  if (!now) return 'missing';
  if (now.type !== info.type) return 'changed';
  if (info.type === 'symlink') {
    return (await machine.readLink(path)) === (await machine.readLink(copy)) ? undefined : 'changed';
  }
  if (now.bytes !== info.bytes || (now.mode & 0o111) !== (info.mode & 0o111)) return 'changed';
  return (await machine.hash(path, 'md5')) === (await machine.hash(copy, 'md5')) ? undefined : 'changed';
}

const trials: readonly (readonly string[])[] = [
  ['/bin/sh', '-c', 'exit 0'],
  ['/bin/bash', '-c', 'exit 0'],
  ['dpkg', '--version'],
  ['dpkg-deb', '--version'],
  ['tar', '--version'],
  ['perl', '-e', '1'],
  ['cp', '--version'],
];

/** Puts the copies back, and looks whether the programs run. Returns those that do not. */
export async function repair(machine: Machine, damages: readonly Damage[]): Promise<string[]> {
  for (const { path, copy } of damages) await machine.copy(copy, path);
  // On older systems no package has it in its list.
  if (!(await machine.exists('/bin/sh'))) {
    await machine.remove('/bin/sh');
    await machine.symlink('dash', '/bin/sh');
  }
  return brokenPrograms(machine);
}

export async function brokenPrograms(machine: Machine): Promise<string[]> {
  const broken: string[] = [];
  for (const argv of trials) {
    if ((await machine.run(argv)).exitCode !== 0) broken.push(argv[0] ?? '');
  }
  return broken;
}
