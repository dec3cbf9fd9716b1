import { readSources } from '../../apt/sources.ts';
import {
  readAptConfiguration,
  readAptPlaces,
  readPreferenceFiles,
  readSourceFiles,
} from '../../apt/system/apt-files.ts';
import { CrossgradeError } from '../../base/error.ts';
import type { Machine } from '../../base/machine.ts';
import {
  aptGuardFile,
  archiveFolder,
  beforeRecordFile,
  bootDefaultFile,
  dpkgFolder,
  engineAtBootLink,
  exportsFile,
  extendedStatesFile,
  initramfsHookFile,
  initramfsSettingFile,
  initramfsTrialFile,
  listsFolder,
  localSoftwareFile,
  noRecommendsFile,
  originalsFile,
  rebuiltFile,
  rescueMarker,
  sharedMarker,
  unitsPausedFile,
} from '../../base/own-paths.ts';
import type { RootPath } from '../../base/root.ts';
import type { InitramfsGenerator, Kernel } from '../../boot/kernel-facts.ts';
import { readBootFacts } from '../../boot/system/read-boot.ts';
import { readBootElsewhere } from '../../boot/system/read-boot-elsewhere.ts';
import { readExports } from '../../data/exports.ts';
import type { Inventory } from '../../debian/inventory.ts';
import { readMarks } from '../../debian/marks.ts';
import type { InstalledPackage } from '../../debian/package.ts';
import { packageUnits } from '../../debian/package-units.ts';
import { readRelease } from '../../debian/release.ts';
import { deferredTriggers, namedTriggers } from '../../dpkg/deferred-triggers.ts';
import { parseDiversions } from '../../dpkg/diversions.ts';
import { parseStatOverrides } from '../../dpkg/stat-overrides.ts';
import { readSizes } from '../../dpkg/system/archives.ts';
import { readPackages } from '../../dpkg/system/read-packages.ts';
import { type Dictionaries, dictionaryBuilder, dictionaryFolder } from '../../files/dictionaries.ts';
import { type AtopLogs, asideFolder, atopLogFolder, isAtopLog } from '../../files/set-aside-logs.ts';
import { hasEtckeeper } from '../../files/system/commit-etc.ts';
import { readCapabilitiesOfBefore } from '../../files/system/file-check.ts';
import { readNetworkState } from '../../network/system/reboot-network.ts';
import { readChangedBootLinks } from '../../services/system/read-boot-links.ts';
import { findStoppedUnits } from '../../services/system/service-check.ts';
import { readLocalSoftware, readRebuilt } from '../../software/local-software.ts';
import type { Milestones } from '../../state/state.ts';
import type { Facts } from '../facts.ts';

/** Those of our files that steps judge by; what is not among them no step sees. */
export const ownFiles: readonly RootPath[] = [
  unitsPausedFile,
  aptGuardFile,
  noRecommendsFile,
  beforeRecordFile,
  sharedMarker,
  engineAtBootLink,
  bootDefaultFile,
  rescueMarker,
  originalsFile,
  initramfsSettingFile,
  initramfsHookFile,
  initramfsTrialFile,
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
  const atopLogs = await readAtopLogs(machine);
  const dictionaries = await readDictionaries(machine);
  const changedBootLinks = await readChangedBootLinks(machine, packages, milestones);
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
    ...given({
      atopLogs,
      boot,
      capabilities,
      changedBootLinks,
      dictionaries,
      elsewhere,
      exports,
      network,
      stoppedUnits,
    }),
    ...(await readLocal(machine)),
    ...((await hasEtckeeper(machine)) && { etckeeper: true as const }),
    milestones,
  };
}

async function readAtopLogs(machine: Machine): Promise<AtopLogs | undefined> {
  const logsIn = async (folder: RootPath): Promise<string[]> =>
    (await machine.list(folder))
      .filter(isAtopLog)
      .sort()
      .map((name) => `${folder}/${name}`);
  const there = await logsIn(atopLogFolder);
  const aside = await logsIn(asideFolder);
  const hasAside = (await machine.info(asideFolder)) !== undefined;
  return there.length === 0 && !hasAside ? undefined : { there, aside, hasAside };
}

async function readDictionaries(machine: Machine): Promise<Dictionaries | undefined> {
  const names = (await machine.list(dictionaryFolder)).filter((name) => name.endsWith('.hash'));
  if (names.length === 0 || !(await machine.exists(dictionaryBuilder))) return undefined;
  const times: Record<string, number> = {};
  for (const path of names.map((name): RootPath => `${dictionaryFolder}/${name}`)) {
    const info = await machine.info(path);
    if (info?.type === 'file') times[path] = info.mtimeMs;
  }
  return times;
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
