import { CrossgradeError } from '../base/error.ts';
import { withMore } from '../base/with-more.ts';
import { brokenLine, eachStanza, type Stanza } from './deb822.ts';
import type {
  AvailablePackage,
  Conffile,
  InstalledPackage,
  MultiArch,
  PackageStanza,
  PackageState,
  PackageWant,
} from './package.ts';
import { type Locate, parseDependencies, parseProvides, parseRelations } from './relation.ts';
import { isReadableVersion } from './version.ts';

const multiArchWords: readonly MultiArch[] = ['no', 'same', 'foreign', 'allowed'];
const wants: readonly PackageWant[] = ['unknown', 'install', 'hold', 'deinstall', 'purge'];
const states: readonly PackageState[] = [
  'not-installed',
  'config-files',
  'half-installed',
  'unpacked',
  'half-configured',
  'triggers-awaited',
  'triggers-pending',
  'installed',
];

/** Fields that dpkg's status file adds to what a package says of itself. */
const fieldsOfDpkg: ReadonlySet<string> = new Set([
  'status',
  'conffiles',
  'config-version',
  'triggers-pending',
  'triggers-awaited',
]);

/** @returns what the package's own archive says, name and value, in the order of dpkg's stanza on it */
export function fieldsOfPackage(stanza: Stanza): [string, string][] {
  return stanza.entries().filter(([field]) => !fieldsOfDpkg.has(field.toLowerCase()));
}

/** States in which dpkg itself may leave a field out. */
const mayLackVersion: readonly PackageState[] = ['not-installed', 'half-installed'];
const mayLackArchitecture: readonly PackageState[] = ['not-installed', 'half-installed', 'config-files'];

/** One file of a folder: dpkg's journal in /var/lib/dpkg/updates. */
export interface NamedText {
  /** Base name: `0003`. */
  readonly name: string;
  readonly text: string;
}

/**
 * @param stanza a stanza of dpkg's status file
 * @returns the package. `version` is '' for one that was never unpacked completely; `architecture` is '' for
 *   configuration left over from the days before dpkg 1.10.19, which did not record it
 * @throws {CrossgradeError} CG0102 for a missing or unreadable field, CG0103 for an unreadable relation
 * @see dpkg-query(1); deb-control(5)
 */
export function readInstalled(stanza: Stanza): InstalledPackage {
  const [want, flag, state] = statusWords(stanza);
  const version = mayLackVersion.includes(state) ? (stanza.get('Version') ?? '') : requiredVersion(stanza);
  const architecture = mayLackArchitecture.includes(state)
    ? (stanza.get('Architecture') ?? '')
    : required(stanza, 'Architecture');
  const awaited = stanza.get('Triggers-Awaited');
  return withMore(readCommon(stanza, version, architecture), {
    want,
    reinstallRequired: flag === 'reinstreq',
    state,
    configVersion: stanza.get('Config-Version') ?? '',
    ...(awaited !== undefined && { triggersAwaited: awaited.split(/\s+/) }),
    conffiles: readConffiles(stanza),
  });
}

/**
 * @param stanza a stanza of a Packages index
 * @returns the package; `sha256` is '' when the index gives only other sums
 * @throws {CrossgradeError} CG0102 for a missing or unreadable field, CG0103 for an unreadable relation
 */
export function readAvailable(stanza: Stanza): AvailablePackage {
  const common = readCommon(stanza, requiredVersion(stanza), required(stanza, 'Architecture'));
  required(stanza, 'Size');
  return withMore(common, {
    filename: required(stanza, 'Filename'),
    archiveBytes: readNumber(stanza, 'Size'),
    sha256: readSha256(stanza),
  });
}

function readSha256(stanza: Stanza): string {
  const sum = (stanza.get('SHA256') ?? '').toLowerCase();
  if (sum !== '' && !/^[0-9a-f]{64}$/.test(sum)) throw unreadable(stanza, 'SHA256', sum);
  return sum;
}

/**
 * Reads dpkg's status file. An empty one is a system without packages, for dpkg as for us; whether that can be true is
 * for the caller to judge. A file cut off between two stanzas looks whole, again to dpkg as well.
 *
 * @param fileName for messages
 * @returns all stanzas but `not-installed` ones, in their order
 * @throws {CrossgradeError} CG0101, CG0102, CG0103
 */
export function readStatus(text: string, fileName: string): InstalledPackage[] {
  return mergeStatusUpdates(text, fileName, []);
}

/**
 * Reads dpkg's status file and replays its journal on it, as dpkg does when it starts: each file in
 * /var/lib/dpkg/updates holds the newer stanza of one package. The journal is empty unless dpkg is running or was
 * killed.
 *
 * A stanza takes the place of the same package and architecture. When exactly one instance of the package is there and
 * it or the stanza is not `Multi-Arch: same`, it takes the place of that instance, whatever its architecture: so the
 * old architecture of a crossgraded package vanishes, for no stanza ever says that it is gone.
 *
 * @param updates in any order; files whose names are not all digits are ignored (dpkg's own `tmp.i` is one)
 * @returns all but `not-installed` ones
 * @throws {CrossgradeError} CG0101, CG0102, CG0103; CG0101 too for what dpkg refuses: instances that can't be
 *   installed together, journal files whose names differ in length
 * @see dpkg's lib/dpkg/dbmodify.c, `cleanupdates`, and lib/dpkg/parse.c, `parse_find_pkg_slot`
 */
export function mergeStatusUpdates(
  statusText: string,
  fileName: string,
  updates: readonly NamedText[],
): InstalledPackage[] {
  const database = new Map<string, InstalledPackage[]>();
  for (const stanza of eachStanza(statusText, fileName, { mayBeDamaged: true })) {
    storeStatus(database, stanza, readInstalled(stanza));
  }
  for (const { name, text } of journalFiles(updates)) {
    for (const stanza of eachStanza(text, `updates/${name}`, { mayBeDamaged: true })) {
      storeUpdate(database, stanza, readInstalled(stanza));
    }
  }
  return [...database.values()].flat().filter(isThere);
}

function journalFiles(updates: readonly NamedText[]): NamedText[] {
  const files = updates.filter(({ name }) => /^\d+$/.test(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
  const odd = files.find(({ name }) => name.length !== files[0]?.name.length);
  if (odd === undefined) return files;
  throw brokenLine(
    { fileName: `updates/${odd.name}`, line: 1 },
    'the names in dpkg’s journal differ in length, so their order is not known',
  );
}

/** In the status file each architecture has its own slot. */
function storeStatus(database: Map<string, InstalledPackage[]>, stanza: Stanza, next: InstalledPackage): void {
  const slots = slotsOf(database, next.name);
  const there = isThere(next) ? [...slots.filter(isThere), next] : [];
  if (there.length > 1 && there.some(({ multiArch }) => multiArch !== 'same')) throw notCoinstallable(stanza, next);
  putByArchitecture(slots, next);
}

/** In the journal a crossgrade shows: the only instance changes its architecture. */
function storeUpdate(database: Map<string, InstalledPackage[]>, stanza: Stanza, next: InstalledPackage): void {
  const slots = slotsOf(database, next.name);
  const there = slots.filter(isThere);
  if (there.length > 1 && next.multiArch !== 'same') throw notCoinstallable(stanza, next);
  const [only] = there;
  const besides = only?.multiArch === 'same' && next.multiArch === 'same';
  if (there.length === 1 && only !== undefined && !besides) slots[slots.indexOf(only)] = next;
  else putByArchitecture(slots, next);
}

function slotsOf(database: Map<string, InstalledPackage[]>, name: string): InstalledPackage[] {
  const known = database.get(name);
  if (known !== undefined) return known;
  const slots: InstalledPackage[] = [];
  database.set(name, slots);
  return slots;
}

function putByArchitecture(slots: InstalledPackage[], next: InstalledPackage): void {
  const index = slots.findIndex(({ architecture }) => architecture === next.architecture);
  if (index < 0) slots.push(next);
  else slots[index] = next;
}

function isThere({ state }: InstalledPackage): boolean {
  return state !== 'not-installed';
}

function notCoinstallable({ fileName, line }: Stanza, { name, architecture }: InstalledPackage): CrossgradeError {
  return brokenLine(
    { fileName, line },
    `${name}:${architecture} can not be there besides another instance of ${name}; dpkg refuses this, too`,
  );
}

function readCommon(stanza: Stanza, version: string, architecture: string): PackageStanza {
  // dpkg's names have no capitals, whatever a package wrote.
  const name = required(stanza, 'Package').toLowerCase();
  return {
    name,
    architecture,
    version,
    source: sourceName(stanza.get('Source')) ?? name,
    multiArch: word(stanza, 'Multi-Arch', stanza.get('Multi-Arch') || 'no', multiArchWords),
    essential: isYes(stanza, 'Essential'),
    protected: isYes(stanza, 'Protected') || isYes(stanza, 'Important'),
    preDepends: list(stanza, 'Pre-Depends', parseDependencies),
    depends: list(stanza, 'Depends', parseDependencies),
    conflicts: list(stanza, 'Conflicts', parseRelations),
    breaks: list(stanza, 'Breaks', parseRelations),
    replaces: list(stanza, 'Replaces', parseRelations),
    provides: list(stanza, 'Provides', parseProvides),
    installedBytes: readNumber(stanza, 'Installed-Size') * 1024,
  };
}

function list<T>(stanza: Stanza, field: string, parse: (text: string, locate: Locate) => readonly T[]): readonly T[] {
  const text = stanza.get(field);
  if (text === undefined || text === '') return [];
  return parse(text, () => `${stanza.fileName}, line ${stanza.lineOf(field)}, field ${field}`);
}

function statusWords(stanza: Stanza): [PackageWant, 'ok' | 'reinstreq', PackageState] {
  const text = required(stanza, 'Status');
  const [want = '', flag = '', state = '', ...more] = text.split(/\s+/);
  if (more.length > 0) throw unreadable(stanza, 'Status', text);
  return [
    word(stanza, 'Status', want, wants),
    word(stanza, 'Status', flag, ['ok', 'reinstreq'] as const),
    word(stanza, 'Status', state, states),
  ];
}

function readConffiles(stanza: Stanza): Conffile[] {
  const text = stanza.get('Conffiles') ?? '';
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => {
    const match = /^\s*(.+?) (\S+)( obsolete)?( remove-on-upgrade)?$/.exec(line.trimEnd());
    if (match === null) throw unreadable(stanza, 'Conffiles', line.trim());
    const [, path = '', md5 = '', obsolete] = match;
    return { path, md5, obsolete: obsolete !== undefined };
  });
}

function required(stanza: Stanza, field: string): string {
  const value = stanza.get(field);
  if (value !== undefined && value !== '') return value;
  const name = stanza.get('Package');
  const whose = name === undefined || field === 'Package' ? 'a package' : `package ${name}`;
  throw new CrossgradeError(`${stanza.fileName}, line ${stanza.line}: ${whose} has no ${field}`, {
    code: 'CG0102',
    hint: fieldHint,
  });
}

/** dpkg refuses a whole database for one version that it cannot read. */
function requiredVersion(stanza: Stanza): string {
  const version = required(stanza, 'Version');
  if (!isReadableVersion(version)) throw unreadable(stanza, 'Version', version);
  return version;
}

function word<T extends string>(stanza: Stanza, field: string, value: string, words: readonly T[]): T {
  const found = words.find((one) => one === value.toLowerCase());
  if (found === undefined) throw unreadable(stanza, field, value);
  return found;
}

function isYes(stanza: Stanza, field: string): boolean {
  return stanza.get(field)?.toLowerCase() === 'yes';
}

function readNumber(stanza: Stanza, field: string): number {
  const value = stanza.get(field);
  if (value === undefined || value === '') return 0;
  if (!/^\d+$/.test(value)) throw unreadable(stanza, field, value);
  return Number(value);
}

function sourceName(source: string | undefined): string | undefined {
  const [name] = source?.split(/[\s(]/, 1) ?? [];
  return name === '' ? undefined : name;
}

const fieldHint = 'Run `dpkg --audit`; repair or reinstall the package that this stanza belongs to, then start again.';

function unreadable(stanza: Stanza, field: string, value: string): CrossgradeError {
  const shown = value.length > 60 ? `${value.slice(0, 60)}…` : value;
  return new CrossgradeError(
    `${stanza.fileName}, line ${stanza.lineOf(field)}: ${field} of package ${stanza.get('Package')} can not be "${shown}"`,
    { code: 'CG0102', hint: fieldHint },
  );
}
