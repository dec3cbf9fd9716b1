import sumsScript from '#guest/packages/archive-sums.sh';
import unpackScript from '#guest/packages/unpack-some.sh';
import { CrossgradeError } from '../../base/error.ts';
import type { Machine } from '../../base/machine.ts';
import { archiveFolder, cacheFolder, dpkgFolder } from '../../base/own-paths.ts';
import type { RootPath } from '../../base/root.ts';
import { shellWords } from '../../base/shell-word.ts';
import { type InstalledPackage, type InstanceKey, instanceKey } from '../../debian/package.ts';
import type { Archive } from '../../plan/plan.ts';
import { infoName } from '../file-lists.ts';

/** Both builds of one package, of the same version, that can be installed side by side. */
export interface Twins {
  readonly installed: InstalledPackage;
  readonly archive: Archive;
}

/**
 * Finds the files that both builds of a package ship and whose content differs: dpkg would refuse to unpack
 * the second build. What is on disk counts, as it does for dpkg, so a shared file that the administrator
 * changed is found, too.
 *
 * Regular files are compared by the archive's own md5sums, which costs next to nothing. Only shared symlinks and
 * conffiles, and archives without md5sums, are unpacked and looked at.
 *
 * @returns package name to differing paths; packages without any are not in it
 * @see dpkg's src/main/archives.c, tarobject_matches
 */
export async function compareSharedFiles(
  machine: Machine,
  twins: readonly Twins[],
  sums: ArchiveSums,
  tick: (done: number, current: string) => void,
): Promise<Record<string, string[]>> {
  const differing: Record<string, string[]> = {};
  const unsure: Unsure[] = [];
  const note = (twin: Twins, paths: readonly RootPath[]): void => {
    const { name } = twin.installed;
    if (paths.length > 0) differing[name] = [...(differing[name] ?? []), ...paths].sort();
  };
  const unpack = async (all: readonly Unsure[]): Promise<void> => {
    for (const { twin, paths } of await compareUnpacked(machine, all)) note(twin, paths);
  };
  for (const [index, twin] of twins.entries()) {
    tick(index, twin.installed.name);
    const paths = await listedPaths(machine, twin.installed);
    const known = sums.get(twin.archive.fileName);
    if (known === undefined) {
      // Whole archives one by one: all of them unpacked at once might not fit on the disk.
      await unpack([{ twin, paths }]);
      continue;
    }
    const { differing: found, suspicious } = await compareSums(machine, paths, known);
    note(twin, found);
    if (suspicious.length > 0) unsure.push({ twin, paths: suspicious });
  }
  await unpack(unsure);
  return differing;
}

/** What sums don't tell of an archive. */
interface Unsure {
  readonly twin: Twins;
  readonly paths: readonly RootPath[];
}

/**
 * Finds files of packages that go for good, which an archive of another name ships as well: dpkg refuses to unpack it
 * before they are gone. Nothing declares that, where both never exist for one architecture: gcc-12 of amd64 has the
 * programs of the cross compiler gcc-12-x86-64-linux-gnu of i386.
 *
 * @param leaving packages whose name the target system does not have
 * @returns archive to the instances that it clashes with
 */
export async function findFileClashes(
  machine: Machine,
  leaving: readonly InstalledPackage[],
  archives: readonly Archive[],
  sums: ArchiveSums,
): Promise<Map<InstanceKey, InstalledPackage[]>> {
  const owners = new Map<RootPath, InstalledPackage>();
  for (const instance of leaving) {
    for (const path of await listedPaths(machine, instance)) {
      owners.set(path, instance);
    }
  }
  const clashes = new Map<InstanceKey, InstalledPackage[]>();
  for (const { key, fileName } of archives) {
    const shipped = [...(sums.get(fileName)?.keys() ?? [])];
    const found = new Set(shipped.map((path) => owners.get(path)).filter((owner) => owner !== undefined));
    if (found.size > 0) {
      clashes.set(key, [...found]);
    }
  }
  return clashes;
}

async function compareSums(
  machine: Machine,
  paths: readonly RootPath[],
  sums: ReadonlyMap<RootPath, string>,
): Promise<{ readonly differing: RootPath[]; readonly suspicious: RootPath[] }> {
  const folders = new Set(paths.map((path) => path.slice(0, path.lastIndexOf('/'))));
  const differing: RootPath[] = [];
  const suspicious: RootPath[] = [];
  for (const path of paths) {
    const sum = sums.get(path);
    if (sum === undefined && (folders.has(path) || namesArchitecture(path))) {
      // Folders are no matter, and a path that names its architecture is not shared.
      continue;
    }
    const info = await machine.info(path);
    if (sum === undefined) {
      // A merged /lib is a link on disk, but not to dpkg.
      if (info && info.type !== 'directory') suspicious.push(path);
    } else if (info && (info.type !== 'file' || (await machine.hash(path, 'md5')) !== sum)) {
      differing.push(path);
    }
  }
  return { differing, suspicious };
}

/** What dpkg recorded as the files of an installed package, folders included. */
async function listedPaths(machine: Machine, instance: InstalledPackage): Promise<RootPath[]> {
  const list = await machine.readTextIfThere(`${dpkgFolder}/info/${infoName(instance)}.list`);
  if (list === undefined) {
    const name = instanceKey(instance).replace(/:all$/, '');
    throw new CrossgradeError(`dpkg has no list of the files of ${name}.`, {
      code: 'CG0231',
      hint: `No package was touched. Install it again, \`${shellWords(['apt-get', 'install', '--reinstall', name])}\`, then type crossgrade resume. Or take back what was prepared: crossgrade rollback.`,
    });
  }
  return list.split('\n').filter(isPath);
}

/** A triplet, or the dynamic loader: no other architecture ships such a path. */
function namesArchitecture(path: string): boolean {
  return /[a-z0-9_]+-linux-gnu|^(\/usr)?\/lib\w*\/ld-[^/]*\.so/.test(path);
}

/** Archive to the sums of its plain files; archives without any are not in it. */
export type ArchiveSums = ReadonlyMap<string, ReadonlyMap<RootPath, string>>;

/** md5sums of every archive that has them, in one go: starting a program for each would take longer than the work. */
export async function readArchiveSums(machine: Machine, archives: readonly Archive[]): Promise<ArchiveSums> {
  const files = archives.map(({ fileName }) => fileName);
  const result = await machine.run(['sh', '-c', sumsScript, 'sh', ...files], { workingDirectory: archiveFolder });
  const found = new Map<string, Map<RootPath, string>>();
  let sums = new Map<RootPath, string>();
  let fileName = '';
  for (const line of result.stdout.split('\n')) {
    if (line.startsWith('archive ')) {
      fileName = line.slice('archive '.length);
      sums = new Map();
    } else if (/^[0-9a-f]{32} {2}/.test(line)) {
      sums.set(`/${line.slice(34)}`, line.slice(0, 32));
      found.set(fileName, sums);
    }
  }
  return found;
}

/** Unpacks what is unsure of the archives, as far as they have it, into a folder of ours and compares it one by one. */
async function compareUnpacked(machine: Machine, unsure: readonly Unsure[]): Promise<Unsure[]> {
  const folder: RootPath = `${cacheFolder}/compare`;
  await machine.removeTree(folder);
  if (unsure.length === 0) {
    return [];
  }
  await machine.makeDirectory(folder, 0o700);
  const input = unsure
    .map(({ twin, paths }) => [twin.archive.fileName, ...paths.map((path) => `.${path}`), ''].join('\n'))
    .join('');
  await machine.run(['sh', '-c', unpackScript, 'sh', folder], { workingDirectory: archiveFolder, input });
  const compared: Unsure[] = [];
  for (const { twin, paths } of unsure) {
    const differing: RootPath[] = [];
    for (const path of paths) {
      if (await differs(machine, twin.installed, path, `${folder}/${twin.archive.fileName}${path}`)) {
        differing.push(path);
      }
    }
    compared.push({ twin, paths: differing });
  }
  await machine.removeTree(folder);
  return compared;
}

/** The way dpkg compares: a conffile with the sum that it recorded, everything else with what is on disk. */
async function differs(
  machine: Machine,
  installed: InstalledPackage,
  path: RootPath,
  theirs: RootPath,
): Promise<boolean> {
  const there = await machine.info(theirs);
  if (!there || there.type === 'directory') {
    return false;
  }
  const recorded = installed.conffiles.find((conffile) => conffile.path === path && !conffile.obsolete);
  if (recorded) {
    return there.type === 'file' && (await machine.hash(theirs, 'md5')) !== recorded.md5;
  }
  const here = await machine.info(path);
  if (here?.type !== there.type) {
    return here !== undefined;
  }
  if (here.type === 'symlink') {
    return (await machine.readLink(path)) !== (await machine.readLink(theirs));
  }
  return here.type === 'file' && (await machine.hash(path, 'md5')) !== (await machine.hash(theirs, 'md5'));
}

function isPath(line: string): line is RootPath {
  return line.startsWith('/') && line !== '/.';
}
