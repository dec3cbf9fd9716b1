import { gunzipSync } from 'node:zlib';
import { CrossgradeError } from '../../base/error.ts';
import type { Machine } from '../../base/machine.ts';
import { archiveFolder, listsFolder } from '../../base/own-paths.ts';
import { withoutPasswords } from '../../base/passwords.ts';
import type { RootPath } from '../../base/root.ts';
import type { ArchitecturePair } from '../../debian/architecture.ts';
import { parseStanzas } from '../../debian/deb822.ts';
import type { AvailablePackage, InstalledPackage } from '../../debian/package.ts';
import { readAvailable } from '../../debian/package-stanza.ts';
import { readPackages } from '../../dpkg/system/read-packages.ts';
import { archiveName } from '../apt-output.ts';
import { readSources } from '../sources.ts';
import {
  type IndexPlace,
  indexPlaces,
  proxyIn,
  type StandIn,
  type StandInArchive,
  standInArchives,
  stanzasOf,
} from '../stand-in.ts';
import { readAptConfiguration, readSourceFiles } from './apt-files.ts';

/**
 * Where somebody has replaced apt, and not what it needs, it does not start, and nobody could ask what is to come. Then a
 * build of it that can run here is run from the work directory, with the libraries that the root lacks: no package is
 * touched, and nothing of it stays. The first calls of the plan bring what is missing.
 *
 * Its archives are those of the package lists that apt had checked when it still ran; each is compared with its sum there.
 *
 * @param offline fetch nothing
 */
export async function lendPrograms(machine: Machine, pair: ArchitecturePair, offline: boolean): Promise<StandIn> {
  machine.standIn(undefined);
  const dpkg = await findBrokenDpkg(machine);
  if (dpkg) return dpkg;
  const broken = await findBroken(machine);
  const programs = Object.values(broken);
  if (programs.length === 0) return { kind: 'unneeded' };
  const packages = await readPackages(machine);
  const native = packages.find(({ name }) => name === 'dpkg')?.architecture ?? pair.source.name;
  // Nothing would bring it for good.
  const isLost = !packages.some(({ name, state }) => name === 'apt' && state !== 'config-files');
  if ('apt' in broken && isLost) return { kind: 'missing', programs, why: ['apt is not installed'] };
  const why: string[] = [];
  for (const { name } of [pair.source, pair.target]) {
    try {
      const archives = await findArchives(machine, Object.keys(broken), name, packages);
      await layOut(machine, archives, native, offline);
      const still = Object.values(await findBroken(machine));
      if (still.length === 0) return { kind: 'lent', programs, archives };
      why.push(`with the packages for ${name} ${still.join(', ')} does not start, either`);
    } catch (error) {
      if (!(error instanceof CrossgradeError)) throw error;
      why.push([error.message, ...error.details].join(' '));
    }
    machine.standIn(undefined);
  }
  return { kind: 'missing', programs, why };
}

/** Back to the root's own programs, as soon as they start again. */
export async function returnPrograms(machine: Machine): Promise<void> {
  const lent = machine.standIn(undefined);
  if (lent !== undefined && Object.keys(await findBroken(machine)).length > 0) machine.standIn(lent);
}

/** @returns the programs that do not start, by their packages */
async function findBroken(machine: Machine): Promise<Record<string, string>> {
  const [apt, gpgv] = await Promise.all([machine.run(['apt-get', '--version']), machine.run(['gpgv', '--version'])]);
  // Where it is not there at all, something else does its work.
  const lacksGpgv = gpgv.exitCode !== 0 && (await machine.exists('/usr/bin/gpgv'));
  return { ...(apt.exitCode !== 0 && { apt: 'apt-get' }), ...(lacksGpgv && { gpgv: 'gpgv' }) };
}

/** Nothing stands in for dpkg: it starts whatever maintainer scripts run. But what it lacks can be told. */
async function findBrokenDpkg(machine: Machine): Promise<StandIn | undefined> {
  const { exitCode, stderr } = await machine.run(['dpkg', '--version']);
  if (exitCode === 0 || !(await machine.exists('/usr/bin/dpkg'))) return undefined;
  const packages = await readPackages(machine);
  const architecture = packages.find(({ name }) => name === 'dpkg')?.architecture ?? '';
  const archives = await findArchives(machine, ['dpkg'], architecture, packages).catch(() => []);
  return { kind: 'missing', programs: ['dpkg'], why: [stderr.trim()], architecture, archives };
}

function folderOf(machine: Machine): RootPath {
  return `${machine.workDirectory}/stand-in`;
}

interface Index extends IndexPlace {
  readonly text: string;
}

async function findArchives(
  machine: Machine,
  names: readonly string[],
  architecture: string,
  installed: readonly InstalledPackage[],
): Promise<StandInArchive[]> {
  const indices = await readIndices(machine, architecture);
  if (indices.length === 0) throw unknown(`there are no package lists for ${architecture} in ${listsFolder}`);
  const repositories = new Map<AvailablePackage, string>();
  const known = new Map<string, AvailablePackage[]>();
  const lookUp = (name: string): AvailablePackage[] => {
    const before = known.get(name);
    if (before) return before;
    const found = indices.flatMap(({ text, fileName, repository }) =>
      stanzasOf(text, name)
        .flatMap((stanza) => parseStanzas(stanza, fileName))
        .map((stanza) => {
          const build = readAvailable(stanza);
          repositories.set(build, repository);
          return build;
        }),
    );
    known.set(name, found);
    return found;
  };
  const builds = new Map<string, AvailablePackage>();
  for (const name of names) {
    const archives = standInArchives(name, architecture, installed, lookUp);
    if (archives === undefined) throw unknown(`the package lists for ${architecture} lack what ${name} needs`);
    for (const one of archives) builds.set(one.name, one);
  }
  return [...builds.values()].map((build) => ({
    fileName: archiveName(build),
    address: `${repositories.get(build)}${build.filename}`,
    sha256: build.sha256,
    bytes: build.archiveBytes,
  }));
}

function unknown(text: string): CrossgradeError {
  return new CrossgradeError(text, { code: 'CG0376', hint: 'Nothing was changed.' });
}

async function readIndices(machine: Machine, architecture: string): Promise<Index[]> {
  const files = await readSourceFiles(machine);
  const sources = Object.entries(files).flatMap(([file, text]) => readSources(text, file));
  const indices: Index[] = [];
  for (const place of indexPlaces(sources, architecture)) {
    const path: RootPath = `${listsFolder}/${place.fileName}`;
    if (await machine.exists(path)) indices.push({ ...place, text: await machine.readText(path) });
    else if (await machine.exists(`${path}.gz`)) {
      const packed = Buffer.from(await machine.readText(`${path}.gz`, 'latin1'), 'latin1');
      indices.push({ ...place, text: gunzipSync(packed).toString() });
    }
  }
  return indices;
}

/** @throws {CrossgradeError} CG0220, CG0376, CG0377 */
async function layOut(
  machine: Machine,
  archives: readonly StandInArchive[],
  native: string,
  offline: boolean,
): Promise<void> {
  const folder = folderOf(machine);
  await machine.removeTree(folder);
  await machine.makeDirectory(folder, 0o755);
  const settings = Object.values(await readAptConfiguration(machine));
  for (const archive of archives) {
    const path = await findArchive(machine, archive, settings, offline);
    const { exitCode, stderr } = await machine.run(['dpkg-deb', '--extract', path, folder]);
    if (exitCode !== 0) throw unknown(`${archive.fileName} cannot be unpacked: ${stderr.trim()}`);
  }
  const library = ['lib', 'usr/lib'].map((parent): RootPath => `${folder}/${parent}`);
  const folders: RootPath[] = [];
  for (const parent of library) {
    for (const name of await machine.list(parent)) {
      if (/-linux-gnu/.test(name)) folders.push(`${parent}/${name}`);
    }
  }
  const hasApt = await machine.exists(`${folder}/usr/lib/apt/methods`);
  const aptSettings = hasApt
    ? `APT::Architecture "${native}";\nDir::Bin::methods "${folder}/usr/lib/apt/methods/";\n`
    : '';
  machine.standIn({ folder, libraryFolders: folders, aptSettings });
}

async function findArchive(
  machine: Machine,
  { fileName, address, sha256, bytes }: StandInArchive,
  settings: readonly string[],
  offline: boolean,
): Promise<RootPath> {
  const folders = [machine.workDirectory, archiveFolder, '/var/cache/apt/archives'] as const;
  const places = folders.map((folder): RootPath => `${folder}/${fileName}`);
  for (const path of places) {
    if ((await machine.exists(path)) && (await machine.hash(path, 'sha256')) === sha256) return path;
  }
  const own: RootPath = `${machine.workDirectory}/${fileName}`;
  const local = /^(?:file|copy):\/*(\/.*)$/.exec(address)?.[1];
  if (local !== undefined) await machine.copy(local as RootPath, own);
  else if (offline) throw unknown(`${fileName} is not here, and nothing is fetched`);
  else {
    const proxy = proxyIn(settings, address);
    await machine.fetch(address, own, { mostBytes: bytes, ...(proxy !== undefined && { proxy }) });
  }
  if ((await machine.hash(own, 'sha256')) === sha256) return own;
  throw unknown(`${withoutPasswords(address)} is not what the package lists promise`);
}
