import { CrossgradeError } from '../../base/error.ts';
import type { Machine } from '../../base/machine.ts';
import { dpkgFolder } from '../../base/own-paths.ts';
import type { CommandResult, RootPath } from '../../base/root.ts';
import { withMore } from '../../base/with-more.ts';
import type { ArchitecturePair } from '../../debian/architecture.ts';
import type { Availability } from '../../debian/availability.ts';
import type { Conflict } from '../../debian/conflict.ts';
import { formatStanza, parseStanzas } from '../../debian/deb822.ts';
import { isOldKernel } from '../../debian/kernel-image.ts';
import { type AvailablePackage, type InstalledPackage, type InstanceKey, instanceKey } from '../../debian/package.ts';
import { fieldsOfPackage } from '../../debian/package-stanza.ts';
import { compareVersions, withoutRebuild } from '../../debian/version.ts';
import type { KeptHigher } from '../../plan/downgrade.ts';
import { unmetNames } from '../../plan/likely-target.ts';
import { missedNames } from '../../plan/missed-names.ts';
import type { TargetSet } from '../../plan/plan.ts';
import { carriesTriplet, makeRequest, type Request, successorOf } from '../../plan/request.ts';
import type { Facts } from '../../run/facts.ts';
import { readArchiveName, readMadison, readPolicy, readPrintUris } from '../apt-output.ts';
import { copyNames } from '../apt-places.ts';
import { type ListTrouble, noListTrouble, readListTrouble } from '../apt-update.ts';
import { type Offered, readOffered } from '../provenance.ts';
import { offerArchitecture } from '../sources.ts';
import { readListsFolder } from './apt-files.ts';
import { assertListsThere, assertNotDamaged, brokenLists, type ListHolder, readShown } from './package-lists.ts';
import { yieldOrBlame } from './yield.ts';

/** apt with a private state; asked nothing yet. */
export interface LaidOutApt extends ListHolder {
  readonly run: (argv: readonly string[]) => Promise<CommandResult>;
}

/** It has its package lists. */
export interface PreparedApt extends LaidOutApt {
  /** Repositories that it could not use as they are. */
  readonly trouble: ListTrouble;
}

/** What it may be asked without a change in the root. */
export interface PrivateApt extends PreparedApt {
  readonly pair: ArchitecturePair;
  readonly facts: Facts;
  readonly availability: Availability;
  /** What the indices have of everything that is installed, by name. */
  readonly offered: ReadonlyMap<string, readonly Offered[]>;
  /** What it is to be asked where nothing is kept. */
  readonly request: Request;
}

/**
 * Gives the root's own apt a private state in which the target is the native architecture: with the root's sources,
 * its keys, preferences and proxy settings, and the package lists that it has.
 *
 * The source architecture is only known to it when packages of it shall stay: its lists would double the time
 * that apt needs for everything.
 *
 * @param folder an empty folder outside the root's own tree, as the root sees it
 * @param architectures what this apt knows, the native one first
 */
export async function layOutApt(
  machine: Machine,
  sourceFiles: Facts['sourceFiles'],
  pair: ArchitecturePair,
  folder: RootPath,
  architectures: readonly string[],
): Promise<LaidOutApt> {
  // apt says where they are while the rest is written.
  const asked = readListsFolder(machine);
  asked.catch(() => undefined);
  for (const path of ['lists/partial', 'archives/partial', 'etc/sources.list.d']) {
    await machine.makeDirectory(`${folder}/${path}`, 0o755);
  }
  const local = `${folder}/etc` as const;
  await machine.write(`${local}/sources.list`, '');
  // Of an earlier look, before an answer was given: it is offered anew, and apt does not take it twice.
  await machine.remove(localList(folder));
  const names = copyNames(Object.keys(sourceFiles));
  for (const [path, text] of Object.entries(sourceFiles)) {
    const place: RootPath = `${local}/sources.list.d/${names.get(path)}`;
    await machine.write(place, offerArchitecture(text, path, { source: pair.source.name, target: pair.target.name }));
  }
  await machine.write(`${folder}/status`, '');
  // What apt has already need not be fetched again; a list that is too old is noticed by apt itself.
  const useful = [...architectures, 'all'].flatMap((name) => ['-o', '-name', `*_binary-${name}_*`]);
  const ownLists = await asked;
  await machine.run(
    ['find', ownLists, '-maxdepth', '1', '(', '-name', '*Release*', ...useful, ')'].concat([
      '-exec',
      'cp',
      '--archive',
      '--target-directory',
      `${folder}/lists`,
      '{}',
      '+',
    ]),
  );
  const configuration: RootPath = `${folder}/apt.conf`;
  await machine.write(configuration, privateConfiguration(folder, architectures));
  const run = (argv: readonly string[]): Promise<CommandResult> => {
    const [program = '', ...rest] = argv;
    return machine.run([program, `--config-file=${configuration}`, ...rest]);
  };
  return { run, folder, architectures, ownLists };
}

/**
 * @param offline take the package lists that the root's apt has, and fetch none
 * @throws {CrossgradeError} CG0207 no lists are there
 */
export async function prepareApt(
  machine: Machine,
  pair: ArchitecturePair,
  apt: LaidOutApt,
  offline: boolean,
): Promise<PreparedApt> {
  if (offline) await assertListsThere(machine, apt);
  const trouble = offline ? noListTrouble : readListTrouble(await apt.run(updateCommand), pair);
  return { ...apt, trouble };
}

/** @throws {CrossgradeError} CG0207 no lists are there; CG0208 one is broken */
export async function openPrivateApt(
  machine: Machine,
  facts: Facts,
  pair: ArchitecturePair,
  folder: RootPath,
  architectures: readonly string[],
  offline = false,
): Promise<PrivateApt> {
  const apt = await layOutApt(machine, facts.sourceFiles, pair, folder, architectures);
  return lookUpInstalled(machine, facts, pair, await prepareApt(machine, pair, apt, offline));
}

/**
 * Asks what the repositories have of everything that is installed.
 *
 * @throws {CrossgradeError} CG0208 a broken list
 */
export async function lookUpInstalled(
  machine: Machine,
  facts: Facts,
  pair: ArchitecturePair,
  apt: PreparedApt,
): Promise<PrivateApt> {
  const names = facts.inventory.packages.map((instance) => instance.name);
  const successors = Object.values(pair.kernelMetapackages);
  const triplets = names.filter((name) => carriesTriplet(name, pair)).flatMap((name) => successorOf(name, pair) ?? []);
  const madison = await apt.run(['apt-cache', 'madison', ...new Set([...names, ...successors, ...triplets])]);
  if (madison.exitCode !== 0) {
    throw await brokenLists(machine, apt, madison);
  }
  const availability = readMadison(madison.stdout, pair.target.name);
  const request = makeRequest(facts.inventory, availability, pair, new Set());
  return { ...apt, pair, facts, availability, offered: readOffered(madison.stdout), request };
}

/** @throws {CrossgradeError} CG0208 for a package that is there, and which apt has passed over */
export async function assertNothingPassedOver(machine: Machine, apt: PrivateApt): Promise<void> {
  const { pair, facts, availability } = apt;
  const notFound = facts.inventory.packages
    .map(({ name }) => name)
    .filter((name) => !availability.get(name)?.has(pair.target.name) && !isOldKernel(name, pair));
  await assertNotDamaged(machine, apt, pair.target.name, notFound);
}

/** What apt makes of a root. */
export interface Solution {
  /** Absent when apt finds none, and no few packages are to blame for it. */
  readonly target?: TargetSet;
  /** Why it is not a system with everything; absent when it is. */
  readonly conflict?: Conflict;
}

/**
 * Asks apt for the system that has everything the root has, in the target architecture. Where there is none, finds out
 * without which packages there is one.
 *
 * @param keep names that stay in the source architecture
 * @param beside instances that stay beside the target's builds of the same names
 * @param higher names that shall not go down to an older version where a repository has one that is none
 * @param onLikely told, while apt still thinks, what it will most likely say
 * @param mayYield those of `beside` that go where they cannot be installed together with the rest
 */
export async function solve(
  machine: Machine,
  apt: PrivateApt,
  keep: ReadonlySet<string>,
  beside: readonly InstalledPackage[] = [],
  higher?: KeptHigher,
  onLikely: (target: TargetSet) => void = () => undefined,
  mayYield: ReadonlySet<InstanceKey> = new Set(),
): Promise<Solution> {
  const { pair, facts, availability, run } = apt;
  const isPlain = keep.size === 0 && beside.length === 0 && higher === undefined;
  const request = isPlain
    ? apt.request
    : makeRequest(facts.inventory, availability, pair, keep, beside, higher, mayYield);
  if (request.local.length > 0) {
    await offerLocal(machine, apt, request.local);
  }
  // Not quieter: apt would not say which dependencies are unmet.
  const ask = (wanted: readonly string[]): Promise<CommandResult> =>
    run(['apt-get', '-q', '--print-uris', 'install', ...wanted]);
  const { renamed, missing } = request;
  const targetOf = (packages: readonly AvailablePackage[]): TargetSet => ({
    packages,
    renamed,
    missing: missedNames(missing, facts.inventory, packages, renamed),
  });
  const lookUp = async (): Promise<ReadonlyMap<string, AvailablePackage>> => {
    const known = await describeLikely(machine, apt, request.arguments);
    onLikely(targetOf(byKey(latest(known.values()))));
    return known;
  };
  const [whole, known] = await Promise.all([ask(request.arguments), lookUp()]);
  if (whole.exitCode === 0) {
    return { target: targetOf(await describeChosen(machine, apt, whole.stdout, known)) };
  }
  const { solved, conflict } = await yieldOrBlame(ask, request, whole);
  if (solved === undefined) return { ...(conflict && { conflict }) };
  const packages = await describeChosen(machine, apt, solved.answer.stdout, known);
  const there = new Set(packages.map(({ name }) => name));
  const ended = solved.unasked.filter((name) => !there.has(name));
  const givenUp = Object.fromEntries(ended.map((name) => [name, endedReason]));
  const target = { ...targetOf(packages), ...(ended.length > 0 && { givenUp }) };
  if (conflict === undefined) return { target };
  const lost = withoutSuccessors(conflict.blamed, packages, renamed);
  const missed = [...new Set([...target.missing, ...lost.missing])].sort();
  return {
    target: { ...target, renamed: lost.renamed, missing: missed },
    conflict: { ...conflict, blamed: lost.blamed },
  };
}

const endedReason = 'it came by itself, nothing needs it any more, and it cannot be installed together with the rest';

/**
 * What cannot be installed takes no place, and nobody has it who could give it up: told by its old name, but for kernels,
 * of which the old ones go in any case.
 *
 * @param packages those of the system without the blamed
 */
function withoutSuccessors(
  blamed: readonly string[],
  packages: readonly AvailablePackage[],
  renamed: Request['renamed'],
): { readonly blamed: string[]; readonly missing: string[]; readonly renamed: Request['renamed'] } {
  const there = new Set(packages.map(({ name }) => name));
  const lost = new Set(blamed.filter((name) => !there.has(name)));
  const oldNames = (name: string): string[] =>
    Object.entries(renamed).flatMap(([before, after]) => (after === name ? [before] : []));
  const isKernel = (name: string): boolean => name.startsWith('linux-image-') && oldNames(name).length > 0;
  const told = blamed.flatMap((name) => {
    const old = lost.has(name) && !isKernel(name) ? oldNames(name) : [];
    return old.length > 0 ? old.map((one) => [name, one] as const) : [[name, name] as const];
  });
  return {
    blamed: told.map(([, name]) => name),
    missing: told.filter(([name]) => lost.has(name) && !isKernel(name)).map(([, name]) => name),
    renamed: Object.fromEntries(Object.entries(renamed).filter(([, after]) => !lost.has(after))),
  };
}

/**
 * @param names as apt takes them, versions and architectures included
 * @returns by instance and version
 * @throws {CrossgradeError} CG0208 a broken list
 */
async function describe(
  machine: Machine,
  apt: PrivateApt,
  names: readonly string[],
): Promise<Map<string, AvailablePackage>> {
  const described = new Map<string, AvailablePackage>();
  if (names.length === 0) return described;
  for (const stanza of await readShown(machine, apt, await apt.run(['apt-cache', 'show', ...names]))) {
    const key = `${instanceKey(stanza)}=${stanza.version}`;
    if (!described.has(key)) {
      described.set(key, stanza);
    }
  }
  return described;
}

/**
 * Looks up what apt is asked for, and what it will most likely add.
 *
 * @returns by instance and version
 * @throws {CrossgradeError} CG0208 a broken list
 */
async function describeLikely(
  machine: Machine,
  apt: PrivateApt,
  asked: readonly string[],
): Promise<ReadonlyMap<string, AvailablePackage>> {
  const known = await describe(machine, apt, asked);
  const lookedUp = new Set<string>();
  for (;;) {
    const names = unmetNames(latest(known.values())).filter((name) => !lookedUp.has(name));
    if (names.length === 0) return known;
    for (const name of names) lookedUp.add(name);
    // What is wrong with one of them matters when apt chooses it.
    const more = await describe(machine, apt, names).catch(() => new Map<string, AvailablePackage>());
    for (const [key, stanza] of more) known.set(key, stanza);
  }
}

/** One of each name: apt prefers the latest, where nothing forbids it. */
function latest(packages: Iterable<AvailablePackage>): AvailablePackage[] {
  const byName = new Map<string, AvailablePackage>();
  for (const one of packages) {
    const known = byName.get(one.name);
    if (known === undefined || compareVersions(known.version, one.version) < 0) byName.set(one.name, one);
  }
  return [...byName.values()];
}

/**
 * @param known what is described already
 * @throws {CrossgradeError} CG0205 a package without a sum; CG0208 a broken list
 */
async function describeChosen(
  machine: Machine,
  apt: PrivateApt,
  uris: string,
  known: ReadonlyMap<string, AvailablePackage>,
): Promise<AvailablePackage[]> {
  const chosen = readPrintUris(uris).map(({ uri, fileName }) => ({ uri, ...readArchiveName(fileName) }));
  const others = chosen
    .filter(({ name, version, architecture }) => !known.has(`${name}:${architecture}=${version}`))
    .map(({ name, version, architecture }) =>
      architecture === 'all' ? `${name}=${version}` : `${name}:${architecture}=${version}`,
    );
  const offered = new Map([...(await describe(machine, apt, others)), ...known]);
  const packages = chosen.map(({ uri, name, version, architecture }) => {
    const stanza = offered.get(`${name}:${architecture}=${version}`);
    if (!stanza?.sha256) {
      throw new CrossgradeError(`The package lists give no SHA256 sum for ${name} ${version} (${architecture}).`, {
        code: 'CG0205',
        hint: 'Nothing was changed. A repository without SHA256 sums cannot be used for a crossgrade.',
      });
    }
    return withMore(stanza, { uri });
  });
  return byKey(packages);
}

function byKey(packages: readonly AvailablePackage[]): AvailablePackage[] {
  const keyed = packages.map((one) => ({ one, key: instanceKey(one) }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ one }) => one);
}

/**
 * Installed names of which the repositories have a newer version, holds apart. The root's own apt says it, of its own
 * architecture. Since that costs time, it is asked for those alone that are newer on the target; where its lists are
 * older than those of the target, or not there, what the target has must do: there the versions of both architectures
 * differ in nothing but how often a package was built again (`+b2`).
 */
export async function pendingUpgrades(machine: Machine, apt: PrivateApt): Promise<string[]> {
  const { facts, availability, pair } = apt;
  const isNewer = (offered: string, one: InstalledPackage): boolean =>
    compareVersions(withoutRebuild(offered), withoutRebuild(one.version)) > 0;
  const upgradable = facts.inventory.packages.filter(
    (one) =>
      one.state === 'installed' &&
      one.want !== 'hold' &&
      // On the target it is another package.
      !carriesTriplet(one.name, pair) &&
      [...(availability.get(one.name)?.values() ?? [])].flat().some((offered) => isNewer(offered, one)),
  );
  if (upgradable.length === 0) {
    return [];
  }
  const names = upgradable.map((one) => one.name);
  const candidates = readPolicy((await askForPolicy(machine, apt, names)).stdout);
  return upgradable
    .filter((one) => {
      const candidate = candidates.get(one.name);
      return candidate !== undefined && isNewer(candidate, one);
    })
    .map((one) => one.name);
}

/** Of the root's own apt, where it has lists of the source that are as new as what was fetched for the target. */
async function askForPolicy(machine: Machine, apt: PrivateApt, names: readonly string[]): Promise<CommandResult> {
  const { facts, pair, folder, ownLists, run } = apt;
  if (
    facts.indexedArchitectures.includes(pair.source.name) &&
    (await isUpToDate(machine, ownLists, `${folder}/lists`))
  ) {
    const own = await machine.run([
      'apt-cache',
      '-o',
      'Dir::Cache::pkgcache=',
      '-o',
      'Dir::Cache::srcpkgcache=',
      'policy',
      ...names,
    ]);
    if (own.exitCode === 0) return own;
  }
  return run(['apt-cache', 'policy', ...names]);
}

/** Whether nothing newer than the root's own lists was fetched. A copy keeps the time that the repository gives. */
async function isUpToDate(machine: Machine, own: string, fetched: RootPath): Promise<boolean> {
  const places = [own, fetched].map((folder) => folder.replace(/\/$/, ''));
  const words = ['-maxdepth', '1', '-name', '*Release', '-printf', '%h %f %s %T@\\n'];
  const { stdout } = await machine.run(['find', ...places, ...words]);
  const [ofOwn, ofFetched] = places.map((folder) => {
    const lines = stdout.split('\n').filter((line) => line.startsWith(`${folder} `));
    return new Set(lines.map((line) => line.slice(folder.length + 1)));
  });
  return [...(ofFetched ?? [])].every((line) => ofOwn?.has(line));
}

/** Where the private apt that knows only the target lies. */
export function targetLists(machine: Machine): RootPath {
  return `${machine.workDirectory}/target`;
}

/** Indices for software centres and command-not-found: large, and of no use here. */
const unneededIndices = ['DEP-11', 'DEP-11-icons-small', 'DEP-11-icons', 'DEP-11-icons-hidpi', 'Contents-deb', 'CNF'];

/**
 * Read after the root's own configuration, whose hooks must not run: they would change the root. Lists packed by gzip
 * are a quarter larger than those packed by xz, and cost less than half the time of an apt-get update less. One cache is
 * kept, whatever the root's own apt does: with none, each of our questions would read the lists again.
 */
function privateConfiguration(folder: RootPath, architectures: readonly string[]): string {
  return `#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear APT::Architectures;
APT::Architecture "${architectures[0] ?? ''}";
APT::Architectures { ${architectures.map((name) => `"${name}"; `).join('')}};
APT::Install-Recommends "false";
APT::Install-Suggests "false";
APT::Get::HideAutoRemove "true";
Acquire::Languages "none";
${unneededIndices.map((name) => `Acquire::IndexTargets::deb::${name}::DefaultEnabled "false";\n`).join('')}Acquire::CompressionTypes::Order { "gz"; };
Debug::NoLocking "true";
Dir::State "${folder}";
Dir::State::lists "${folder}/lists";
Dir::State::status "${folder}/status";
Dir::State::extended_states "/dev/null";
Dir::Cache "${folder}";
Dir::Cache::archives "${folder}/archives";
Dir::Cache::pkgcache "pkgcache.bin";
Dir::Cache::srcpkgcache "";
Dir::Etc::sourcelist "${folder}/etc/sources.list";
Dir::Etc::sourceparts "${folder}/etc/sources.list.d";
`;
}

/** Not quiet: only then does apt say that it skips an architecture which a repository does not have. */
export const updateCommand: readonly string[] = ['apt-get', '-q=0', '-o', 'APT::Update::Error-Mode=any', 'update'];

/**
 * @param isBegun the crossgrade has begun: its first steps are done
 * @throws {CrossgradeError} CG0201 or CG0203, which name the repository; CG0209 where no name is resolved
 */
export function assertUsable(
  { failed, failing, withoutTarget }: ListTrouble,
  pair: ArchitecturePair,
  isBegun = false,
): void {
  const unchanged = isBegun ? 'No package was changed.' : 'Nothing was changed.';
  const again = isBegun ? 'type crossgrade resume; or take back what was prepared: crossgrade rollback' : 'start again';
  const [without] = withoutTarget;
  if (without) {
    throw new CrossgradeError(`A repository has no packages for ${pair.target.name}.`, {
      code: 'CG0203',
      details: [without.text],
      hint: `${unchanged} Disable this repository, or replace it by one that has them, then ${again}.`,
      exitCode: 3,
    });
  }
  if (failed) {
    // Of a file that cannot be fetched, the repository is what is before its /dists.
    const repositories = [
      ...new Set(failing.flatMap(({ repository }) => repository?.replace(/\/dists\/.*|\/$/, '') ?? [])),
    ];
    const isNameless = failing.some(({ text }) => /Temporary failure resolving|Could not resolve/.test(text));
    throw new CrossgradeError(
      repositories.length > 0
        ? `apt cannot use a repository: ${repositories.join(', ')}`
        : 'apt cannot fetch the package lists.',
      {
        code: isNameless ? 'CG0209' : 'CG0201',
        details: failing.slice(0, 6).map((complaint) => complaint.text),
        hint: isNameless
          ? `${unchanged} Names of hosts cannot be resolved: look whether the servers that /etc/resolv.conf names ` +
            `can be reached from here, and whether it is a link to a file that is not there. Then ${again}.`
          : `${unchanged} Is the mirror reachable (apt-get update)? A mirror that is being synchronised ` +
            `says “unexpected size” or “hash sum mismatch”: wait, or use another one. Then ${again}.`,
      },
    );
  }
}

/**
 * Packages that no repository has are offered by one of ours, made of what dpkg knows of them. Their archives need not
 * exist: they are installed already.
 */
async function offerLocal(
  machine: Machine,
  { folder, run }: PrivateApt,
  local: readonly InstalledPackage[],
): Promise<void> {
  const wanted = new Set(local.map((one) => `${one.name} ${one.architecture}`));
  const stanzas = parseStanzas(await machine.readText(`${dpkgFolder}/status`), `${dpkgFolder}/status`)
    .filter((stanza) => wanted.has(`${stanza.get('Package')} ${stanza.get('Architecture')}`))
    .map(fieldsOfPackage);
  const offers = stanzas.map((fields, index) =>
    formatStanza([...fields, ['Filename', `./${index}.deb`], ['Size', '1'], ['SHA256', '0'.repeat(64)]]),
  );
  const list = localList(folder);
  await machine.write(`${folder}/local/Packages`, offers.map((offer) => `${offer}\n`).join(''));
  await machine.write(list, `deb [trusted=yes] file:${folder}/local ./\n`);
  await run([
    'apt-get',
    '-qq',
    '-o',
    `Dir::Etc::sourcelist=${list}`,
    '-o',
    'Dir::Etc::sourceparts=/nonexistent',
    '-o',
    'APT::Get::List-Cleanup=false',
    'update',
  ]);
}

/** Named so that it is in the place of no file of the root's own. */
function localList(folder: RootPath): RootPath {
  return `${folder}/etc/sources.list.d/crossgrade-unoffered.list`;
}
