import type { Difference } from '../../base/difference.ts';
import type { Machine } from '../../base/machine.ts';
import { cacheFolder, dpkgFolder, etcCopy, programFolder, stateFolder } from '../../base/own-paths.ts';
import { redacted } from '../../base/passwords.ts';
import type { RootPath } from '../../base/root.ts';
import { shellWords } from '../../base/shell-word.ts';
import { careful } from '../../base/system/careful.ts';
import { leftForMachine } from '../../boot/left-for-machine.ts';
import { asideName } from '../../data/exports.ts';
import { compareData } from '../../data/outcome.ts';
import type { ArchitecturePair } from '../../debian/architecture.ts';
import type { InstalledPackage } from '../../debian/package.ts';
import { infoName } from '../../dpkg/file-lists.ts';
import { explainEtcChanges, isOfTheRun } from '../../files/explain-etc.ts';
import { readFailedPreloads } from '../../files/preload.ts';
import { compareTrees } from '../../files/system/etc-changes.ts';
import { compareFilesWithBefore } from '../../files/system/file-check.ts';
import { readArrivals } from '../../files/system/read-arrivals.ts';
import { isOfVersionControl } from '../../files/version-control.ts';
import { compareWithBefore } from '../../network/system/reboot-network.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Facts } from '../../run/facts.ts';
import { compareServicesWithBefore } from '../../services/system/service-check.ts';
import { compareOldProcesses, type ProcessFiles } from '../../session/old-processes.ts';
import { readOldProcesses } from '../../session/system/find-old-processes.ts';
import { compareLocalSoftware } from '../../software/compare-local-software.ts';
import type { Loaded } from '../../software/local-software.ts';
import { isInHome, printPrograms } from '../../software/named-paths.ts';
import { findPrograms } from '../../software/system/scan-files.ts';
import { traceLibraries } from '../../software/system/trace-libraries.ts';
import type { BeforeRecord } from '../../state/before-record.ts';
import { type Comparison, comparePackages, joinParts } from '../comparison.ts';

/** Nothing that somebody wrote by hand is longer. */
const textLimit = 1024 * 1024;

/** The loader itself is asked about it. */
const preloadFile: RootPath = '/etc/ld.so.preload';

/** Compares the root with the plan and with what was there before. Changes nothing. */
export async function verify(
  machine: Machine,
  pair: ArchitecturePair,
  plan: Plan,
  before: BeforeRecord,
  facts: Facts,
): Promise<Comparison> {
  const packages = comparePackages(pair, plan, before, facts);
  const etc = explainEtcChanges(
    (await compareTrees(machine, etcCopy, '/etc')).filter((change) => !isOfTheRun(change)),
    pair,
    before,
    facts.inventory.packages,
    await readArrivals(machine, facts, plan),
  );
  const local = compareLocalSoftware(pair, plan, {
    record: facts.localSoftware,
    rebuilt: facts.rebuilt,
    traces: await traceLocal(machine, pair, facts),
    lostInterpreters: await lostInterpreters(machine, facts),
    gone: await goneLibraries(machine, facts),
  });
  const elf = await leftoverPrograms(machine, pair, facts);
  const dead = await deadPaths(machine, pair, facts);
  const lostPaths = await lostNamedPaths(machine, pair, facts);
  const data = compareData(facts.exports, pair.source.name);
  const network = await compareWithBefore(machine);
  const { files, accounts } = await compareFilesWithBefore(machine, pair, etcCopy, facts, plan);
  const { packages: instances } = facts.inventory;
  const { services, sockets } = await compareServicesWithBefore(
    machine,
    { packages: instances, exports: facts.exports },
    plan,
  );
  const audit = await machine.run(['dpkg', '--audit']);
  const broken: Difference[] =
    audit.stdout.trim() === '' ? [] : [{ what: 'dpkg --audit complains', explanation: null }];
  const oldProcesses = await readOldProcesses(machine, pair, (file, words) =>
    judgeProgram(machine, pair, facts, file, words),
  );
  const parts = joinParts([
    ['packages', packages],
    ['packages', { differences: broken }],
    ['etc', { differences: [...etc, ...dead, ...lostPaths] }],
    ['files', files],
    ['accounts', accounts],
    ['services', services],
    ['services', { differences: compareOldProcesses(oldProcesses ?? []) }],
    ['sockets', sockets],
    ['network', network],
    ['data', data],
    ['programs', local],
    ['programs', { differences: elf }],
    ['programs', { differences: await failedPreloads(machine, pair) }],
  ]);
  const left = leftForMachine(pair, before, facts);
  return redacted({
    ...parts,
    ...(oldProcesses && { oldProcesses }),
    ...(left.length > 0 && { leftForMachine: left }),
  });
}

/**
 * Files below /etc that still name a path of the source architecture, when that is gone: dpkg keeps a conffile that the
 * administrator changed, and with it the path that no longer exists.
 */
async function deadPaths(machine: Machine, pair: ArchitecturePair, facts: Facts): Promise<Difference[]> {
  if (facts.inventory.foreignArchitectures.includes(pair.source.name)) {
    return [];
  }
  const found: Difference[] = [];
  for (const { path, info } of await machine.walk('/etc')) {
    // dpkg-old and dpkg-dist are nobody's configuration.
    if (
      info.type !== 'file' ||
      info.bytes > textLimit ||
      /\.dpkg-|\.cache$|[-~]$/.test(path) ||
      path === preloadFile ||
      isOfVersionControl(path)
    ) {
      continue;
    }
    const text = (await textOf(machine, path)) ?? '';
    const named = text.includes(pair.source.triplet) ? (text.match(/[\w./+-]+/g) ?? []) : [];
    const absolute = named.map((word) => word.slice(word.indexOf('/')) as RootPath);
    for (const dead of new Set(absolute.filter((one) => one.includes(`/${pair.source.triplet}`, 1)))) {
      if (await careful([])(dead, async () => !(await machine.exists(dead)), false)) {
        found.push({ what: `${path} still names ${dead}, which is gone`, explanation: null });
      }
    }
  }
  return found;
}

/** What local configuration and scripts named before, as it was there, and still name; the triplet's paths are told of above. */
export async function lostNamedPaths(
  machine: Machine,
  { source }: ArchitecturePair,
  { localSoftware }: Pick<Facts, 'localSoftware'>,
): Promise<Difference[]> {
  const found: Difference[] = [];
  for (const { file, path, becomes } of localSoftware?.named ?? []) {
    const isTold = file.startsWith('/etc/') && path.includes(`/${source.triplet}`);
    if (isTold || (await machine.exists(path))) continue;
    const text = (await textOf(machine, file)) ?? '';
    if (!text.includes(path) && !printPrograms(file, text).some((one) => one.path === path)) continue;
    const isMoved = becomes !== undefined && becomes !== path && (await machine.exists(becomes));
    found.push({
      what: `${file} still names ${path}, which is gone${isMoved ? `; it is ${becomes} now` : ''}`,
      explanation: null,
      ...(isMoved && !isInHome(file) && { command: shellWords(['sed', '-i', `s,${path},${becomes},g`, file]) }),
    });
  }
  return found;
}

/** Somebody's own file may have become anything meanwhile: a folder, a pipe, a disk full of zeros. */
async function textOf(machine: Machine, file: RootPath): Promise<string | undefined> {
  return careful([])(
    file,
    async () => {
      const info = await machine.info(file);
      return info?.type === 'file' && info.bytes <= textLimit ? machine.readText(file) : undefined;
    },
    undefined,
  );
}

/** Each program says it, so we run one. */
async function failedPreloads(machine: Machine, { target }: ArchitecturePair): Promise<Difference[]> {
  if (!(await machine.exists(preloadFile))) return [];
  const { stderr } = await machine.run(['true']);
  return readFailedPreloads(stderr).map(({ entry, said }) => ({
    what: `${target.name} programs cannot load ${entry}, which ${preloadFile} names: take it out, or build it for ${target.name}`,
    explanation: null,
    details: [said],
  }));
}

/** @returns undefined where nothing can be loaded: the old loader is gone */
async function traceLocal(
  machine: Machine,
  { source }: ArchitecturePair,
  { localSoftware }: Facts,
): Promise<ReadonlyMap<string, Loaded> | undefined> {
  const groups = [...(localSoftware?.groups ?? []), ...(localSoftware?.kept?.groups ?? [])];
  const files = groups.flatMap((group) => group.files);
  return (await machine.exists(source.loader)) ? traceLibraries(machine, source.loader, files) : undefined;
}

/** What a restart would make of a program that runs: it is judged by what lies in its place now. */
async function judgeProgram(
  machine: Machine,
  pair: ArchitecturePair,
  facts: Facts,
  file: RootPath,
  words: readonly string[],
): Promise<ProcessFiles['fate']> {
  const notRebuilt = (facts.localSoftware?.virtualenvs ?? []).filter(
    ({ path }) => !facts.rebuilt?.items.some((one) => one.path === path && one.state === 'rebuilt'),
  );
  if (words.some((word) => notRebuilt.some(({ path }) => word.startsWith(`${path}/`)))) return 'dead';
  if (!(await machine.exists(file))) return 'dead';
  const role = (await findPrograms(machine, pair, [file])).get(file);
  if (role === undefined) return undefined;
  if (role === 'static') return 'stays';
  if (!(await machine.exists(pair.source.loader))) return 'dead';
  const traces = await traceLibraries(machine, pair.source.loader, [file]);
  return (traces.get(file)?.missing.length ?? 0) > 0 ? 'dead' : 'stays';
}

/** @returns scripts of packages that stay, without what runs them */
async function lostInterpreters(machine: Machine, { localSoftware }: Facts): Promise<[RootPath, RootPath][]> {
  const lost: [RootPath, RootPath][] = [];
  for (const [script, interpreter] of Object.entries(localSoftware?.kept?.interpreters ?? {}) as [
    RootPath,
    RootPath,
  ][]) {
    if ((await machine.exists(script)) && !(await machine.exists(interpreter))) lost.push([script, interpreter]);
  }
  return lost;
}

/** @returns libraries and plug-ins that were there to be loaded by name, and are not now */
async function goneLibraries(machine: Machine, { localSoftware }: Facts): Promise<ReadonlySet<string>> {
  const groups = [...(localSoftware?.groups ?? []), ...(localSoftware?.kept?.groups ?? [])];
  const gone = new Set<string>();
  for (const path of new Set(groups.flatMap(({ byName = {} }) => Object.keys(byName) as RootPath[]))) {
    if (!(await machine.exists(path))) gone.add(path);
  }
  return gone;
}

/** @returns whether a file outside packages has been told of by itself */
function isToldOf({ source }: ArchitecturePair, { localSoftware }: Facts): (path: string) => boolean {
  const groups = localSoftware?.groups.filter((group) => group.packages.length > 0) ?? [];
  const files = new Set<string>(groups.flatMap((group) => group.files));
  const folders = (localSoftware?.virtualenvs ?? []).flatMap(({ path }) => [path, asideName(path, source.name)]);
  return (path) => files.has(path) || folders.some((folder) => path.startsWith(`${folder}/`));
}

/** ELF files of the source architecture's class that are still there; not crossgrade's own. */
async function oldPrograms(machine: Machine, { source }: ArchitecturePair): Promise<string[]> {
  const left: string[] = [];
  for (const folder of ['/usr', '/bin', '/sbin', '/lib', '/opt', '/srv', '/home', '/root', '/var'] as const) {
    if ((await machine.info(folder))?.type !== 'directory') {
      continue;
    }
    for (const file of await machine.elfFiles(folder)) {
      const ours = [cacheFolder, programFolder, stateFolder].some((own) => file.path.startsWith(`${own}/`));
      if (file.bits === source.elfBits && !ours) {
        left.push(file.path);
      }
    }
  }
  return left;
}

/** Postfix's start script copies libraries there, for its programs in the chroot, and removes none. */
const postfixLibraries: RootPath = '/var/spool/postfix/lib';

/** By the package that ships them. */
async function leftoverPrograms(machine: Machine, pair: ArchitecturePair, facts: Facts): Promise<Difference[]> {
  const all = await oldPrograms(machine, pair);
  const hasNewCopies = await machine.exists(`${postfixLibraries}/${pair.target.triplet}`);
  const isOldCopy = (path: string) => hasNewCopies && path.startsWith(`${postfixLibraries}/${pair.source.triplet}/`);
  const copies = all.filter(isOldCopy);
  const isTold = isToldOf(pair, facts);
  const left = all.filter((path) => !isOldCopy(path) && !isTold(path));
  const owners = await ownersOf(machine, facts, new Set(left));
  const byOwner = new Map<InstalledPackage | undefined, string[]>();
  for (const path of left) {
    const owner = owners.get(path);
    byOwner.set(owner, [...(byOwner.get(owner) ?? []), path]);
  }
  const kind = `${pair.source.elfBits}-bit`;
  const strays = (byOwner.get(undefined) ?? []) as RootPath[];
  const cannotStart =
    strays.length > 0 &&
    !(await machine.exists(pair.source.loader)) &&
    [...(await findPrograms(machine, pair, strays)).values()].includes('program');
  const kept = [...byOwner].filter(([owner]) => owner?.architecture === pair.source.name);
  const keptPaths = kept.flatMap(([, paths]) => paths);
  return [
    ...(copies.length === 0
      ? []
      : [
          {
            what: `${kind} libraries in Postfix’s chroot: ${sample(copies)}`,
            explanation: `its start script has copied those for ${pair.target.name} beside them, and these can go`,
          },
        ]),
    ...[...byOwner]
      .filter(([owner]) => owner?.architecture !== pair.source.name)
      .map(([owner, paths]) => ({
        what: owner
          ? `${kind} programs in ${owner.name}: ${sample(paths)}`
          : `${kind} programs that belong to no package${cannotStart ? ', and of which some cannot start any more' : ''}: ${sample(paths)}`,
        explanation: owner
          ? 'shipped like this by the package'
          : cannotStart
            ? null
            : 'not installed by dpkg: rebuild or replace them',
      })),
    ...(kept.length === 0
      ? []
      : [
          {
            what: `${kind} programs in ${kept.length} packages of ${pair.source.name}: ${sample(keptPaths)}`,
            explanation: 'these packages stay, as decided',
          },
        ]),
  ];
}

async function ownersOf(
  machine: Machine,
  facts: Facts,
  paths: ReadonlySet<string>,
): Promise<Map<string, InstalledPackage>> {
  const owners = new Map<string, InstalledPackage>();
  for (const instance of facts.inventory.packages) {
    if (instance.state === 'config-files') {
      continue;
    }
    const list: RootPath = `${dpkgFolder}/info/${infoName(instance)}.list`;
    for (const path of ((await machine.readTextIfThere(list)) ?? '').split('\n')) {
      // Files that a package ships below /lib are found below /usr/lib on a merged system.
      for (const place of [path, `/usr${path}`]) {
        if (paths.has(place)) {
          owners.set(place, instance);
        }
      }
    }
  }
  return owners;
}

function sample(paths: readonly string[]): string {
  return paths.slice(0, 3).join(' ') + (paths.length > 3 ? ` and ${paths.length - 3} more` : '');
}
