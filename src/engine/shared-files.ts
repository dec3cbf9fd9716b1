import { CrossgradeError } from '../core/error.ts';
import type { Machine, RootPath } from '../core/machine.ts';
import type { InstalledPackage, InstanceKey } from '../core/package.ts';
import { archiveFolder, cacheFolder, dpkgFolder } from '../core/paths.ts';
import type { Archive } from '../core/plan.ts';

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
 * Regular files are compared by the archive's own md5sums, which costs next to nothing. Only an archive with
 * shared symlinks, shared conffiles or without md5sums is unpacked and looked at.
 *
 * @returns package name to differing paths; packages without any are not in it
 * @see dpkg's src/main/archives.c, tarobject_matches
 */
export async function compareSharedFiles(
  machine: Machine,
  twins: readonly Twins[],
  tick: (done: number, current: string) => void,
): Promise<Record<string, string[]>> {
  const sums = await readArchiveSums(
    machine,
    twins.map(({ archive }) => archive),
  );
  const differing: Record<string, string[]> = {};
  for (const [index, twin] of twins.entries()) {
    tick(index, twin.installed.name);
    const paths = await compareTwins(machine, twin, sums.get(twin.archive.fileName));
    if (paths.length > 0) {
      differing[twin.installed.name] = paths.sort();
    }
  }
  return differing;
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
): Promise<Map<InstanceKey, InstalledPackage[]>> {
  const owners = new Map<RootPath, InstalledPackage>();
  for (const instance of leaving) {
    for (const path of await listedPaths(machine, instance)) {
      owners.set(path, instance);
    }
  }
  const clashes = new Map<InstanceKey, InstalledPackage[]>();
  if (owners.size === 0) {
    return clashes;
  }
  const sums = await readArchiveSums(machine, archives);
  for (const { key, fileName } of archives) {
    const shipped = [...(sums.get(fileName)?.keys() ?? [])];
    const found = new Set(shipped.map((path) => owners.get(path)).filter((owner) => owner !== undefined));
    if (found.size > 0) {
      clashes.set(key, [...found]);
    }
  }
  return clashes;
}

async function compareTwins(
  machine: Machine,
  twin: Twins,
  sums: ReadonlyMap<RootPath, string> | undefined,
): Promise<string[]> {
  const paths = await listedPaths(machine, twin.installed);
  if (sums === undefined) {
    return compareUnpacked(machine, twin, paths);
  }
  const folders = new Set(paths.map((path) => path.slice(0, path.lastIndexOf('/'))));
  const differing: RootPath[] = [];
  const suspicious: RootPath[] = [];
  for (const path of paths) {
    const sum = sums.get(path);
    const info = await machine.info(path);
    if (sum === undefined) {
      // Folders are no matter (a merged /lib is a link on disk, but not to dpkg), and a path that names its
      // architecture is not shared.
      const isFolder = info?.type === 'directory' || folders.has(path);
      if (info && !isFolder && !namesArchitecture(path)) {
        suspicious.push(path);
      }
    } else if (info && (info.type !== 'file' || (await machine.hash(path, 'md5')) !== sum)) {
      differing.push(path);
    }
  }
  if (suspicious.length === 0) {
    return differing;
  }
  return [...new Set([...differing, ...(await compareUnpacked(machine, twin, suspicious))])];
}

/** What dpkg recorded as the files of an installed package, folders included. */
async function listedPaths(machine: Machine, { name, architecture, multiArch }: InstalledPackage): Promise<RootPath[]> {
  const qualified = multiArch === 'same' ? `${name}:${architecture}` : name;
  const list = await machine.readTextIfThere(`${dpkgFolder}/info/${qualified}.list`);
  if (list === undefined) {
    throw new CrossgradeError(`dpkg has no list of the files of ${name}:${architecture}.`, {
      code: 'CG0231',
      hint: `Nothing was changed. Reinstall the package first: apt-get install --reinstall ${name}:${architecture}`,
    });
  }
  return list.split('\n').filter(isPath);
}

/** A triplet, or the dynamic loader: no other architecture ships such a path. */
function namesArchitecture(path: string): boolean {
  return /[a-z0-9_]+-linux-gnu|^(\/usr)?\/lib\w*\/ld-[^/]*\.so/.test(path);
}

/** md5sums of every archive that has them, in one go: starting a program for each would take longer than the work. */
async function readArchiveSums(
  machine: Machine,
  archives: readonly Archive[],
): Promise<Map<string, Map<RootPath, string>>> {
  const script = 'for f; do echo "archive $f"; dpkg-deb --info "$f" md5sums 2>/dev/null || :; done';
  const files = archives.map(({ fileName }) => fileName);
  const result = await machine.run(['sh', '-c', script, 'sh', ...files], { workingDirectory: archiveFolder });
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

/** Unpacks these paths of the archive, as far as it has them, into a folder of ours and compares them one by one. */
async function compareUnpacked(machine: Machine, twin: Twins, paths: readonly RootPath[]): Promise<string[]> {
  const folder: RootPath = `${cacheFolder}/compare`;
  await machine.removeTree(folder);
  await machine.makeDirectory(folder, 0o700);
  // A path that only the installed build has is not in the archive: tar's complaint about it is no error.
  const script = 'archive=$1 folder=$2; shift 2; dpkg-deb --fsys-tarfile "$archive" | tar -x -C "$folder" "$@" || :';
  const members = paths.map((path) => `.${path}`);
  await machine.run(['sh', '-c', script, 'sh', `${archiveFolder}/${twin.archive.fileName}`, folder, ...members]);
  const differing: string[] = [];
  for (const path of paths) {
    if (await differs(machine, twin.installed, path, `${folder}${path}`)) {
      differing.push(path);
    }
  }
  await machine.removeTree(folder);
  return differing;
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
