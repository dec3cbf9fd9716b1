import { CrossgradeError } from '../../base/error.ts';
import type { Machine } from '../../base/machine.ts';
import { dpkgFolder, originalsFile, originalsFolder } from '../../base/own-paths.ts';
import type { RootPath } from '../../base/root.ts';
import { isPlaceRootsOwn } from '../../base/system/others-folder.ts';
import { formatStanza, parseStanzas } from '../../debian/deb822.ts';
import type { Inventory } from '../../debian/inventory.ts';
import { type InstalledPackage, type InstanceKey, instanceKey } from '../../debian/package.ts';
import { fieldsOfPackage, readInstalled } from '../../debian/package-stanza.ts';
import {
  type Original,
  originalArchives,
  originalsThere,
  readOriginals,
  stanzasOf,
  withOriginalStanzas,
} from '../../plan/originals.ts';
import type { Batch, Levelled } from '../../plan/plan.ts';
import type { Performance } from '../../state/system/performance.ts';
import { infoName } from '../file-lists.ts';
import { performBatch } from './batch.ts';

/** What dpkg keeps of a package's archive beside its files. */
const controlFiles = [
  'preinst',
  'postinst',
  'prerm',
  'postrm',
  'config',
  'templates',
  'triggers',
  'shlibs',
  'symbols',
  'md5sums',
];
const statusFile: RootPath = `${dpkgFolder}/status`;

/**
 * Makes an archive of each of some packages, of its files as they are now, so that dpkg can bring it back. Done once:
 * a later call finds what the first one has made, of what was there before anything was levelled.
 *
 * @throws {CrossgradeError} CG0237
 */
export async function saveOriginals(
  { machine, step, context, observe }: Performance,
  level: readonly Levelled[],
): Promise<void> {
  if (await machine.exists(originalsFile)) return;
  await machine.removeTree(originalsFolder);
  await machine.makeDirectory(originalsFolder, 0o700);
  const replaced = level.filter(({ from }) => from !== null);
  const brought = level.filter(({ from }) => from === null).map(({ key }) => key);
  const residual = brought.filter((key) =>
    context.facts.inventory.packages.some((one) => instanceKey(one) === key && one.state === 'config-files'),
  );
  const stanzas = stanzasOf(await machine.readText(statusFile, 'latin1'), new Set(replaced.map(({ key }) => key)));
  const packages: Original[] = [];
  for (const [index, { key, to }] of replaced.entries()) {
    const status = stanzas.get(key);
    const instance = context.facts.inventory.packages.find((one) => instanceKey(one) === key);
    if (status === undefined || instance === undefined) throw notSaved(key, [`${statusFile} has no such package`]);
    observe({
      type: 'step-progress',
      step,
      progress: { activity: 'compare', done: index, total: replaced.length, unit: 'packages', current: key },
    });
    packages.push({
      key,
      version: instance.version,
      to,
      status,
      ...(await makeArchive(machine, context.facts.inventory, instance, status)),
      aside: await keepAside(machine, instance, index),
    });
  }
  await machine.removeTree(buildFolder);
  await machine.write(originalsFile, JSON.stringify({ version: 1, packages, brought, residual }), { mode: 0o600 });
}

const buildFolder: RootPath = `${originalsFolder}/build`;

async function makeArchive(
  machine: Machine,
  { diversions }: Inventory,
  instance: InstalledPackage,
  status: string,
): Promise<Pick<Original, 'fileName' | 'sha256' | 'bytes'>> {
  const succeed: Succeed = async (argv, input) => {
    const { exitCode, stderr } = await machine.run(argv, input === undefined ? {} : { input });
    if (exitCode !== 0) throw notSaved(instanceKey(instance), stderr.split('\n').slice(0, 5));
  };
  await machine.removeTree(buildFolder);
  await machine.makeDirectory(`${buildFolder}/DEBIAN`, 0o755);
  const missing = await copyFiles(machine, succeed, diversions, instance);
  await writeControl(machine, succeed, instance, status, missing);
  const fileName = `${instance.name}_${instance.version.replaceAll(':', '%3a')}_${instance.architecture}.deb`;
  const archive: RootPath = `${originalsFolder}/${fileName}`;
  await succeed(['dpkg-deb', '--nocheck', '-Znone', '--build', buildFolder, archive]);
  await machine.removeTree(buildFolder);
  return {
    fileName,
    sha256: await machine.hash(archive, 'sha256'),
    bytes: (await machine.info(archive))?.bytes ?? 0,
  };
}

type Succeed = (argv: readonly string[], input?: string) => Promise<void>;

/** @returns listed paths that are not there: excluded by the administrator, or removed */
async function copyFiles(
  machine: Machine,
  succeed: Succeed,
  diversions: Inventory['diversions'],
  instance: InstalledPackage,
): Promise<ReadonlySet<string>> {
  const listed = ((await machine.readTextIfThere(infoFile(instance, 'list'))) ?? '')
    .split('\n')
    .filter((line) => line.startsWith('/') && line !== '/.');
  const folders = new Set(listed.map((path) => path.slice(0, path.lastIndexOf('/'))));
  const plain: string[] = [];
  const missing = new Set<string>();
  for (const path of listed) {
    const diversion = diversions.find((one) => one.path === path && one.package !== instance.name);
    const place = (diversion?.divertedTo ?? path) as RootPath;
    const there = await machine.info(place);
    if (there === undefined) {
      missing.add(path);
    } else if (folders.has(path) && there.type === 'symlink') {
      // A merged /lib is a link on disk, and a folder in the archive.
      await machine.makeDirectory(`${buildFolder}${path as RootPath}`, 0o755);
    } else if (diversion) {
      await succeed(['mkdir', '--parents', `${buildFolder}${path.slice(0, path.lastIndexOf('/'))}`]);
      await succeed(['cp', '--archive', place, `${buildFolder}${path}`]);
    } else {
      plain.push(path);
    }
  }
  if (plain.length === 0) return missing;
  const pack: RootPath = `${originalsFolder}/files.tar`;
  const list = plain.map((path) => `.${path}\0`).join('');
  const take = ['--directory', '/', '--no-recursion', '--null', '--files-from', '-'];
  await succeed(['tar', '--create', '--file', pack, ...take], list);
  const keep = ['--directory', buildFolder, '--same-owner', '--preserve-permissions'];
  await succeed(['tar', '--extract', '--file', pack, ...keep]);
  await machine.remove(pack);
  return missing;
}

async function writeControl(
  machine: Machine,
  succeed: Succeed,
  instance: InstalledPackage,
  status: string,
  missing: ReadonlySet<string>,
): Promise<void> {
  const control: RootPath = `${buildFolder}/DEBIAN`;
  await machine.write(`${control}/control`, controlStanza(status), { encoding: 'latin1' });
  for (const kind of controlFiles) {
    const file = infoFile(instance, kind);
    if (await machine.exists(file)) await succeed(['cp', '--archive', file, `${control}/${kind}`]);
  }
  const conffiles = instance.conffiles.filter(({ path, obsolete }) => !obsolete && !missing.has(path));
  if (conffiles.length > 0) {
    await machine.write(`${control}/conffiles`, conffiles.map(({ path }) => `${path}\n`).join(''));
  }
}

/**
 * dpkg's lists, which have what the administrator keeps from being unpacked, or has removed; and what dpkg lays beside
 * a conffile that the administrator has changed.
 */
async function keepAside(machine: Machine, instance: InstalledPackage, index: number): Promise<Original['aside']> {
  const paths = [
    infoFile(instance, 'list'),
    infoFile(instance, 'conffiles'),
    ...instance.conffiles.map(({ path }): RootPath => `${path as RootPath}.dpkg-dist`),
  ];
  const aside: Original['aside'] = [];
  for (const [number, path] of paths.entries()) {
    const copy = (await machine.info(path))?.type === 'file' ? `aside-${index}-${number}` : null;
    if (copy !== null) await machine.copy(path, `${originalsFolder}/${copy}`);
    aside.push({ path, copy });
  }
  return aside;
}

function infoFile(instance: InstalledPackage, kind: string): RootPath {
  return `${dpkgFolder}/info/${infoName(instance)}.${kind}`;
}

function controlStanza(status: string): string {
  const [stanza] = parseStanzas(`${status}\n`, statusFile);
  return stanza === undefined ? '' : formatStanza(fieldsOfPackage(stanza));
}

function notSaved(key: InstanceKey, details: readonly string[]): CrossgradeError {
  return new CrossgradeError(`${key} cannot be kept as it is, so that it could be brought back.`, {
    code: 'CG0237',
    details,
    hint: 'No package was touched. Mend what is said above, or make room, then type crossgrade resume. Or take back what was prepared: crossgrade rollback.',
  });
}

/** @throws {CrossgradeError} CG0238 an archive was damaged; what performBatch throws */
export async function putBackOriginals(performance: Performance, batch: Batch): Promise<void> {
  const { machine, context } = performance;
  const originals = readOriginals(context.facts.ownFiles);
  if (originals === undefined) return;
  for (const { key, fileName, sha256 } of originals.packages.filter((one) => batch.instances.includes(one.key))) {
    const path: RootPath = `${originalsFolder}/${fileName}`;
    const isWhole = (await machine.exists(path)) && (await machine.hash(path, 'sha256')) === sha256;
    if (!isWhole) {
      throw new CrossgradeError(`${path}, which has ${key} as it was, is damaged.`, {
        code: 'CG0238',
        hint: `${key} stays in the version that it has now, which works. Check the disk. Put the file back from a backup, then type crossgrade rollback; or go on with crossgrade resume.`,
      });
    }
  }
  await performBatch(performance, batch, { archives: originalArchives(originals) }, originalsFolder);
}

/** What dpkg knew of the packages that are back, and what their other version has left in /etc. */
export async function restoreStatus({ machine, context }: Performance): Promise<void> {
  const originals = readOriginals(context.facts.ownFiles);
  if (originals === undefined) return;
  const text = await machine.readText(statusFile, 'latin1');
  for (const { aside } of originalsThere(text, originals)) await putBackAside(machine, aside);
  const restored = withOriginalStanzas(text, originals);
  if (restored === text) return;
  await removeNewConffiles(machine, text, restored);
  await machine.write(statusFile, restored, { encoding: 'latin1' });
}

async function putBackAside(machine: Machine, aside: Original['aside']): Promise<void> {
  for (const { path, copy } of aside) {
    // Whoever owns the folder could lead us elsewhere.
    if (!(await isPlaceRootsOwn(machine, path))) continue;
    if (copy !== null) await machine.copy(`${originalsFolder}/${copy}`, path);
    else if ((await machine.info(path))?.type === 'file') await machine.remove(path);
  }
}

/** A conffile that only the levelled version has is obsolete when the other one is back; untouched, it goes. */
async function removeNewConffiles(machine: Machine, now: string, before: string): Promise<void> {
  const conffilesOf = (text: string): InstalledPackage['conffiles'] =>
    parseStanzas(text, statusFile)
      .map(readInstalled)
      .flatMap(({ conffiles }) => conffiles);
  const known = new Set(conffilesOf(before).map(({ path }) => path));
  for (const { path, md5, obsolete } of conffilesOf(now)) {
    if (!obsolete || known.has(path)) continue;
    // The status file was read byte by byte.
    const place = Buffer.from(path, 'latin1').toString() as RootPath;
    if (!(await isPlaceRootsOwn(machine, place))) continue;
    const isUntouched = (await machine.info(place))?.type === 'file' && (await machine.hash(place, 'md5')) === md5;
    if (isUntouched) await machine.remove(place);
  }
}
