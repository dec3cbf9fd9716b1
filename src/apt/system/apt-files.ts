import type { Machine } from '../../base/machine.ts';
import { listsFolder } from '../../base/own-paths.ts';
import type { RootPath } from '../../base/root.ts';
import {
  type AptAnswers,
  type AptPlaces,
  askForArchitectures,
  askForPlaces,
  askForSources,
  isPart,
  partEndings,
  readArchitectures,
  readListsPlace,
  readPlaces,
  readSourceEntries,
  usualPlaces,
} from '../apt-places.ts';

/** What apt said, and of which files it can only have been told so. */
interface Known {
  readonly places: AptPlaces;
  readonly lists: string;
  readonly stamp: string;
}

const known = new WeakMap<Machine, Known>();

/** Asks apt where its files are; anew when its configuration has changed. */
export async function readAptPlaces(machine: Machine): Promise<AptPlaces> {
  return (await askApt(machine)).places;
}

/** Where the root's own apt keeps its package lists. */
export async function readListsFolder(machine: Machine): Promise<string> {
  return (await askApt(machine)).lists;
}

async function askApt(machine: Machine): Promise<Known> {
  const before = known.get(machine);
  if (before?.places.asked && (await stampOf(machine, before.places)) === before.stamp) return before;
  const { exitCode, stdout } = await machine.run(askForPlaces);
  // While apt itself is being replaced, what it said last is still true.
  const said =
    exitCode === 0
      ? { places: readPlaces(stdout), lists: readListsPlace(stdout) }
      : (before ?? { places: usualPlaces, lists: listsFolder });
  const now: Known = { places: said.places, lists: said.lists, stamp: await stampOf(machine, said.places) };
  known.set(machine, now);
  return now;
}

async function stampOf(machine: Machine, places: AptPlaces): Promise<string> {
  const folder = places.configurationParts;
  const inFolder = (await machine.list(folder)).map((name): RootPath => `${folder}/${name}`);
  const files = [...new Set([usualPlaces.configuration, places.configuration]), ...inFolder];
  const stamps: string[] = [];
  for (const path of files) {
    const info = await machine.info(path);
    if (info) stamps.push(`${path} ${info.bytes} ${info.mtimeMs}`);
  }
  return stamps.join('\n');
}

/** apt's source files: path to text. */
export async function readSourceFiles(machine: Machine): Promise<Record<string, string>> {
  const { sourceList, sourceParts } = await readAptPlaces(machine);
  return readParts(machine, sourceList, sourceParts, partEndings.sources);
}

export async function readAptConfiguration(machine: Machine): Promise<Record<string, string>> {
  const { configuration, configurationParts } = await readAptPlaces(machine);
  return readParts(machine, configuration, configurationParts, partEndings.configuration);
}

export async function readPreferenceFiles(machine: Machine): Promise<Record<string, string>> {
  const { preferences, preferenceParts } = await readAptPlaces(machine);
  return readParts(machine, preferences, preferenceParts, partEndings.preferences);
}

async function readParts(
  machine: Machine,
  file: RootPath,
  folder: RootPath,
  endings: readonly string[],
): Promise<Record<string, string>> {
  const names = (await machine.list(folder)).filter((name) => isPart(name, endings));
  const texts: Record<string, string> = {};
  for (const path of [file, ...names.map((name): RootPath => `${folder}/${name}`)]) {
    // A setting that shall have no file leads to /dev/null, and no folder is read as a file.
    const type = (await machine.info(path))?.type;
    const text = type === 'file' || type === 'symlink' ? await machine.readTextIfThere(path) : undefined;
    if (text !== undefined) texts[path] = text;
  }
  return texts;
}

/** What apt makes of all these files; undefined where it cannot say. */
export async function readAptAnswers(machine: Machine): Promise<AptAnswers | undefined> {
  const [settings, targets] = await Promise.all([machine.run(askForArchitectures), machine.run(askForSources)]);
  if (settings.exitCode !== 0 || targets.exitCode !== 0) return undefined;
  const { architectures, tree } = readArchitectures(settings.stdout);
  return { architectures, sources: readSourceEntries(targets.stdout, tree) };
}
