import { readExports } from '../core/data/exports.ts';
import { deferredTriggers, namedTriggers } from '../core/deferred-triggers.ts';
import { parseDiversions } from '../core/diversions.ts';
import { CrossgradeError } from '../core/error.ts';
import type { Facts, InitramfsGenerator, Kernel } from '../core/facts.ts';
import type { Inventory } from '../core/inventory.ts';
import { readLocalSoftware, readRebuilt } from '../core/local-software.ts';
import type { Machine, RootPath } from '../core/machine.ts';
import { readMarks } from '../core/marks.ts';
import type { InstalledPackage } from '../core/package.ts';
import { mergeStatusUpdates, type NamedText } from '../core/package-record.ts';
import { packageUnits } from '../core/package-units.ts';
import {
  aptGuardFile,
  archiveFolder,
  beforeFile,
  bootDefaultFile,
  dpkgFolder,
  engineAtBootLink,
  exportsFile,
  extendedStatesFile,
  initramfsHookFile,
  initramfsSettingFile,
  listsFolder,
  localSoftwareFile,
  noRecommendsFile,
  originalsFile,
  rebuiltFile,
  rescueMarker,
  sharedMarker,
  unitsPausedFile,
} from '../core/paths.ts';
import { readRelease } from '../core/release.ts';
import { readSources } from '../core/sources.ts';
import { parseStatOverrides } from '../core/stat-overrides.ts';
import type { Milestones } from '../core/state.ts';
import { readAptConfiguration, readAptPlaces, readPreferenceFiles, readSourceFiles } from './apt-files.ts';
import { readBootElsewhere } from './boot-elsewhere.ts';
import { readBootFacts } from './boot-facts.ts';
import { readCapabilitiesOfBefore } from './file-check.ts';
import { readNetworkState } from './reboot-network.ts';
import { findStoppedUnits } from './service-check.ts';

const ownFiles: readonly RootPath[] = [
  unitsPausedFile,
  aptGuardFile,
  noRecommendsFile,
  beforeFile,
  sharedMarker,
  engineAtBootLink,
  bootDefaultFile,
  rescueMarker,
  originalsFile,
  initramfsSettingFile,
  initramfsHookFile,
];

/** Reads everything that steps and checks look at. Changes nothing. */
export async function readFacts(machine: Machine, milestones: Milestones = {}): Promise<Facts> {
  const packages = await readPackages(machine);
  const sourceFiles = await readSourceFiles(machine);
  const extendedStates = (await machine.readTextIfThere(extendedStatesFile)) ?? '';
  const architectureFile = await machine.readTextIfThere(`${dpkgFolder}/arch`);
  const generator = await findGenerator(machine);
  const aptPreferences = await readPreferenceFiles(machine);
  const boot = await readBootFacts(machine);
  const elsewhere = await readBootElsewhere(machine);
  const exportsText = await machine.readTextIfThere(exportsFile);
  const exports = exportsText === undefined ? undefined : readExports(exportsText);
  const dkmsModules = await readDkmsModules(machine);
  const deferred = await readDeferredTriggers(machine);
  const capabilities = await readCapabilitiesOfBefore(machine);
  const stoppedUnits = await findStoppedUnits(machine, packages, exports, milestones);
  const network = machine.root.can.has('live') ? await readNetworkState(machine) : undefined;
  return {
    release: readRelease((await machine.readTextIfThere('/etc/os-release')) ?? ''),
    inventory: await readInventory(machine, packages, sourceFiles, extendedStates, architectureFile ?? ''),
    sourceFiles,
    aptPlaces: await readAptPlaces(machine),
    aptConfiguration: await readAptConfiguration(machine),
    ...(Object.keys(aptPreferences).length > 0 && { aptPreferences }),
    ...(Object.keys(dkmsModules).length > 0 && { dkmsModules }),
    ...(deferred.length > 0 && { deferredTriggers: deferred }),
    ownFiles: await readThere(machine, ownFiles),
    archives: await readSizes(machine, archiveFolder),
    indexedArchitectures: indexedArchitectures(await machine.list(listsFolder)),
    runningKernel: await machine.runningKernel(),
    cpuFlags: await machine.cpuFlags(),
    kernels: await readKernels(machine, packages),
    ...(generator && { initramfsGenerator: generator }),
    ...(machine.root.can.has('init') && { activePackageUnits: await activeUnits(machine, packageUnits) }),
    extendedStates,
    ...(architectureFile !== undefined && { architectureFile }),
    ...given({ boot, capabilities, elsewhere, exports, network, stoppedUnits }),
    ...(await readLocal(machine)),
    milestones,
  };
}

/** Without those that are undefined. */
function given<Values extends object>(values: Values): { [Name in keyof Values]?: Exclude<Values[Name], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}

async function readLocal(machine: Machine): Promise<Pick<Facts, 'localSoftware' | 'rebuilt'>> {
  const localSoftware = readLocalSoftware(await machine.readTextIfThere(localSoftwareFile));
  const rebuilt = readRebuilt(await machine.readTextIfThere(rebuiltFile));
  return given({ localSoftware, rebuilt });
}

/** Parsed status files, by size and time of change: most steps do not touch the database. */
const parsed = new WeakMap<Machine, { readonly stamp: string; readonly packages: readonly InstalledPackage[] }>();

/** What dpkg's database says now, its journal included. */
export async function readPackages(machine: Machine): Promise<readonly InstalledPackage[]> {
  const info = await machine.info(`${dpkgFolder}/status`);
  const journal = (await machine.list(`${dpkgFolder}/updates`)).some((name) => /^\d+$/.test(name));
  const stamp = journal || !info ? undefined : `${info.bytes} ${info.mtimeMs}`;
  const known = parsed.get(machine);
  if (stamp !== undefined && known?.stamp === stamp) {
    return known.packages;
  }
  const packages = await parsePackages(machine);
  if (stamp !== undefined) {
    parsed.set(machine, { stamp, packages });
  }
  return packages;
}

async function parsePackages(machine: Machine): Promise<InstalledPackage[]> {
  const folder: RootPath = `${dpkgFolder}/updates`;
  const updates: NamedText[] = [];
  for (const name of await machine.list(folder)) {
    if (/^\d+$/.test(name)) {
      updates.push({ name, text: await machine.readText(`${folder}/${name}`) });
    }
  }
  return mergeStatusUpdates(await machine.readText(`${dpkgFolder}/status`), `${dpkgFolder}/status`, updates);
}

async function readInventory(
  machine: Machine,
  packages: readonly InstalledPackage[],
  sourceFiles: Readonly<Record<string, string>>,
  extendedStates: string,
  architectureFile: string,
): Promise<Inventory> {
  if (packages.length === 0) {
    throw new CrossgradeError('The package database is empty: /var/lib/dpkg/status names no package.', {
      code: 'CG0111',
      hint:
        'Nothing was changed. Put back what dpkg had before (`cp /var/lib/dpkg/status-old /var/lib/dpkg/status`), ' +
        'or the newest copy in /var/backups, then start again.',
    });
  }
  const nativeArchitecture = packages.find((instance) => instance.name === 'dpkg')?.architecture;
  if (nativeArchitecture === undefined || nativeArchitecture === '') {
    throw new CrossgradeError('The package database does not know dpkg itself, so it cannot be a Debian system’s.', {
      code: 'CG0110',
      hint: 'Nothing was changed. Look at /var/lib/dpkg/status; dpkg keeps older copies in /var/backups.',
    });
  }
  const diversions = `${dpkgFolder}/diversions` as const;
  const statOverrides = `${dpkgFolder}/statoverride` as const;
  return {
    nativeArchitecture,
    foreignArchitectures: architectureFile
      .split('\n')
      .map((line) => line.trim())
      .filter((name) => name !== '' && name !== nativeArchitecture),
    packages,
    automatic: readMarks(extendedStates, extendedStatesFile, nativeArchitecture),
    diversions: parseDiversions((await machine.readTextIfThere(diversions)) ?? '', diversions),
    statOverrides: parseStatOverrides((await machine.readTextIfThere(statOverrides)) ?? '', statOverrides),
    sources: Object.entries(sourceFiles).flatMap(([file, text]) => readSources(text, file)),
  };
}

async function readDeferredTriggers(machine: Machine): Promise<string[]> {
  const folder: RootPath = `${dpkgFolder}/triggers`;
  const activated = (await machine.readTextIfThere(`${folder}/Unincorp`)) ?? '';
  if (activated === '') return [];
  const interests = (await machine.readTextIfThere(`${folder}/File`)) ?? '';
  const named: Record<string, string> = {};
  for (const name of namedTriggers(activated)) {
    named[name] = (await machine.readTextIfThere(`${folder}/${name}`)) ?? '';
  }
  return deferredTriggers({ activated, interests, named });
}

/** Those of the units that are active, in the order given. */
async function activeUnits(machine: Machine, units: readonly string[]): Promise<string[]> {
  const { stdout } = await machine.run(['systemctl', 'is-active', ...units]);
  const states = stdout.split('\n');
  return units.filter((_, index) => states[index] === 'active');
}

async function readThere(machine: Machine, paths: readonly RootPath[]): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const path of paths) {
    const text = await machine.readTextIfThere(path);
    if (text !== undefined) {
      texts[path] = text;
    }
  }
  return texts;
}

/** Of the plain files in a folder, by name. */
export async function readSizes(machine: Machine, folder: RootPath): Promise<Record<string, number>> {
  const files = (await machine.walk(folder)).filter(({ info }) => info.type === 'file');
  return Object.fromEntries(files.map(({ path, info }) => [path.slice(folder.length + 1), info.bytes]));
}

function indexedArchitectures(names: readonly string[]): string[] {
  const found = names.map((name) => /_binary-([a-z0-9]+)_Packages/.exec(name)?.[1]);
  return [...new Set(found.filter((architecture) => architecture !== undefined))].sort();
}

/** dkms(8) keeps a link `kernel-VERSION-ARCHITECTURE` for each kernel that has the module. */
async function readDkmsModules(machine: Machine): Promise<Record<string, string[]>> {
  const modules: Record<string, string[]> = {};
  for (const name of (await machine.list('/var/lib/dkms')).filter((one) => !one.includes('.'))) {
    modules[name] = (await machine.list(`/var/lib/dkms/${name}`)).flatMap((entry) => {
      const kernel = /^kernel-(.+)-[^-]+$/.exec(entry)?.[1];
      return kernel === undefined ? [] : [kernel];
    });
  }
  return modules;
}

async function readKernels(machine: Machine, packages: readonly InstalledPackage[]): Promise<Kernel[]> {
  const architectures = new Map(
    packages.filter((p) => p.state !== 'config-files').map((p) => [p.name, p.architecture]),
  );
  const kernels: Kernel[] = [];
  for (const name of await machine.list('/boot')) {
    if (!name.startsWith('vmlinuz-')) {
      continue;
    }
    const version = name.slice('vmlinuz-'.length);
    const architecture =
      architectures.get(`linux-image-${version}`) ?? architectures.get(`linux-image-${version}-unsigned`);
    const initramfs = await machine.info(`/boot/initrd.img-${version}`);
    kernels.push({
      version,
      ...(architecture !== undefined && { architecture }),
      ...(initramfs && { initramfs: { bytes: initramfs.bytes, mtime: initramfs.mtime } }),
    });
  }
  return kernels;
}

async function findGenerator(machine: Machine): Promise<InitramfsGenerator | undefined> {
  if (await machine.exists('/usr/sbin/update-initramfs')) {
    return 'initramfs-tools';
  }
  return (await machine.exists('/usr/bin/dracut')) ? 'dracut' : undefined;
}
