import { linkTarget } from '../../base/link-target.ts';
import type { Machine, ScanFound, ScanUnseen } from '../../base/machine.ts';
import { cacheFolder, dpkgFolder, stateFolder } from '../../base/own-paths.ts';
import type { RootPath } from '../../base/root.ts';
import { rootOnly } from '../../base/system/careful.ts';
import type { Unseen } from '../../base/unseen.ts';
import type { ArchitecturePair } from '../../debian/architecture.ts';
import type { Facts } from '../../run/facts.ts';
import { containerFolders } from '../container-folders.ts';
import { type Recognised, recogniseFile } from '../recognise-file.ts';
import { type Alias, ownedPaths, realPath } from '../software-survey.ts';
import { findPackagedCopies } from './packaged-copies.ts';

/** Everything of interest that no package brought. */
export interface LocalFiles {
  readonly found: readonly ScanFound<Recognised>[];
  readonly unseen: readonly Unseen[];
  readonly packageFiles: PackageFiles;
}

export interface PackageFiles {
  /** Text of dpkg's list by package: `libc6:i386` or `bash`. */
  readonly lists: ReadonlyMap<string, string>;
  readonly aliases: readonly Alias[];
}

/** Top-level folders that hold no software, or that other systems are mounted in. */
const notScanned: ReadonlySet<string> = new Set(
  'boot cdrom dev floppy initrd lost+found media mnt proc run snap sys timeshift tmp var'.split(' '),
);

/** Of /var: what is made again, passes through, or is a copy of what is elsewhere. */
const notScannedBelowVar: ReadonlySet<string> = new Set(
  '.snapshots backups cache lock log lost+found mail run spool tmp'.split(' '),
);

/** Users and passwords: nothing to find there, and nothing to miss for who may not read them. */
export const secrets: ReadonlySet<string> = new Set([
  '/etc/.pwd.lock',
  '/etc/security/opasswd',
  ...['passwd-', 'group-', 'shadow', 'shadow-', 'gshadow', 'gshadow-', 'subuid-', 'subgid-'].map(
    (one) => `/etc/${one}`,
  ),
]);

/** Snapper's copies of what is looked at anyway. */
const snapshotFolders: readonly RootPath[] = ['/home/.snapshots', '/opt/.snapshots', '/srv/.snapshots'];

/**
 * Looks at the first bytes of every file outside packages.
 *
 * @param folders where to look; undefined for everywhere that local software is usually kept
 */
export async function findLocalFiles(
  machine: Machine,
  facts: Facts,
  pair: ArchitecturePair,
  folders: readonly RootPath[] | undefined,
): Promise<LocalFiles> {
  const packageFiles = await readPackageFiles(machine);
  if (folders?.length === 0) {
    const unseen = [{ what: 'programs and data outside packages', why: 'it was not asked for' }];
    return { found: [], unseen, packageFiles };
  }
  const skip = ownedPaths([...packageFiles.lists.values()], facts.inventory.diversions, packageFiles.aliases);
  for (const path of secrets) skip.add(path);
  const { found, unseen } = await machine.scan(folders ?? (await usualFolders(machine)), {
    skip,
    prune: new Set([
      ...containerFolders,
      ...snapshotFolders,
      dpkgFolder,
      '/var/lib/apt',
      stateFolder,
      cacheFolder,
      machine.workDirectory,
    ]),
    otherFilesystems: true,
    recognise: (head, path) => recogniseFile(head, path, pair),
  });
  const copies = await copiesOfPackages(machine, found, skip);
  return {
    found: found.filter(({ path }) => !copies.has(path)),
    unseen: [...unseen.map(describeUnseen), ...(await unseenContainers(machine))],
    packageFiles,
  };
}

/** Programs that a package's script has copied, or linked, from what the package ships: they come with it. */
async function copiesOfPackages(
  machine: Machine,
  found: readonly ScanFound<Recognised>[],
  shipped: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> {
  const programs = found.filter(
    // Kernel modules are many, and no package copies them; GRUB's are of that kind, too.
    ({ kind, path }) => kind.what === 'program' && (kind.role !== 'object' || path.startsWith('/boot/')),
  );
  return findPackagedCopies(machine, programs, shipped);
}

async function usualFolders(machine: Machine): Promise<RootPath[]> {
  const top = (await machine.list('/')).filter((name) => !notScanned.has(name) && !name.startsWith('.'));
  const below = (await machine.list('/var')).filter((name) => !notScannedBelowVar.has(name));
  return [...top.map((name): RootPath => `/${name}`), ...below.map((name): RootPath => `/var/${name}`)];
}

export async function readPackageFiles(machine: Machine): Promise<PackageFiles> {
  const lists = new Map<string, string>();
  for (const name of await machine.list(`${dpkgFolder}/info`)) {
    if (name.endsWith('.list')) {
      lists.set(name.slice(0, -'.list'.length), await machine.readText(`${dpkgFolder}/info/${name}`));
    }
  }
  return { lists, aliases: await readAliases(machine) };
}

/** Folders of which packages may know another name: /lib on a merged system, /opt where it was moved elsewhere. */
async function readAliases(machine: Machine): Promise<Alias[]> {
  const aliases: Alias[] = [];
  for (const parent of ['/', '/usr', '/var'] as const) {
    for (const name of await machine.list(parent)) {
      const path: RootPath = `${parent === '/' ? '' : parent}/${name}`;
      if ((await machine.info(path))?.type !== 'symlink') continue;
      aliases.push([path, linkTarget(path, await machine.readLink(path))]);
    }
  }
  return aliases;
}

/** @returns the package, as dpkg's lists name it, by path */
export function ownersOf(paths: ReadonlySet<string>, { lists, aliases }: PackageFiles): Map<string, string> {
  const owners = new Map<string, string>();
  for (const [name, text] of lists) {
    for (const path of text.split('\n')) {
      const real = realPath(path, aliases);
      if (paths.has(real)) owners.set(real, name);
    }
  }
  return owners;
}

const reasons: Readonly<Record<Exclude<ScanUnseen['why'], 'remote'>, string>> = {
  forbidden: rootOnly,
  unreadable: 'the disk cannot read it',
  name: 'its name is not UTF-8',
};

function describeUnseen({ path, why, type }: ScanUnseen): Unseen {
  return why === 'remote'
    ? { what: `files below ${path}`, why: `a network or virtual filesystem (${type})` }
    : { what: path, why: reasons[why] };
}

async function unseenContainers(machine: Machine): Promise<Unseen[]> {
  const there: Unseen[] = [];
  for (const path of containerFolders) {
    if (await machine.info(path)) {
      there.push({ what: `containers in ${path}`, why: 'they are systems of their own, which stay as they are' });
    }
  }
  return there;
}
