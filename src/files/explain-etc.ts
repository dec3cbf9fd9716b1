import { dropArchitecture, offerArchitecture } from '../apt/sources.ts';
import type { Difference } from '../base/difference.ts';
import { linkTarget } from '../base/link-target.ts';
import { aptGuardFile, engineAtBootLink, loginNoticeFile, noRecommendsFile } from '../base/own-paths.ts';
import type { ArchitecturePair } from '../debian/architecture.ts';
import type { InstalledPackage } from '../debian/package.ts';
import type { BeforeRecord } from '../state/before-record.ts';
import { accountFiles } from './accounts.ts';
import { type Arrivals, noArrivals } from './arrivals.ts';

/** One path below /etc, before or after. */
export interface EtcEntry {
  readonly type: 'file' | 'directory' | 'symlink' | 'other';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Text of a file, target of a symlink; '' for the rest. null: of a file that is too large to look into. */
  readonly content: string | null;
  /** MD5 sum of a file. */
  readonly md5: string;
}

export interface EtcChange {
  readonly path: string;
  readonly before?: EtcEntry;
  readonly after?: EtcEntry;
  /** Of a symlink that is gone: nothing is there any more where it led. */
  readonly ledNowhere?: true;
}

/** Written anew by programs, from what else is there. One that is gone is missed. */
const generated: readonly RegExp[] = [
  /^\/etc\/ld\.so\.cache$/,
  /^\/etc\/mailcap$/,
  // Hashed from the text files beside them.
  /^\/etc\/(mail\/|postfix\/)?[^/]+\.db$/,
  /^\/etc\/ssl\/certs\/ca-certificates\.crt$/,
  /^\/etc\/ssl\/certs\/java\//,
];

/** Locks, and last versions that programs keep of their files; nobody reads them. */
const besides: readonly RegExp[] = [
  /^\/etc\/mail\/[^/]+\.cf\.old$/,
  /^\/etc\/(xml|sgml)\/[^/]+\.old$/,
  /^\/etc\/\.pwd\.lock$/,
  /^\/etc\/(passwd|group|shadow|gshadow|subuid|subgid)-$/,
];

/** Lists that programs write anew whenever a package with an entry of its own comes or goes: order does not matter. */
const lists: readonly RegExp[] = [/^\/etc\/shells$/];

/**
 * Says why paths below /etc are not as they were; `explanation: null` when that cannot be told.
 *
 * @param arrivals what came with packages that are new
 */
export function explainEtcChanges(
  changes: readonly EtcChange[],
  pair: ArchitecturePair,
  before: BeforeRecord,
  packages: readonly InstalledPackage[],
  arrivals: Arrivals = noArrivals,
): Difference[] {
  const reasons = new Map(
    changes.map((change) => [
      change.path,
      explanationOf(change, pair, before, packages) ??
        arrivalReason(change, arrivals) ??
        renumberedReason(change, changes),
    ]),
  );
  for (const change of withInnerFirst(changes)) {
    if (reasons.get(change.path) == null) {
      reasons.set(
        change.path,
        newFolderReason(change, changes, reasons) ?? inNewFolderReason(change, changes, arrivals),
      );
    }
  }
  return changes.map((change) => {
    const explanation = reasons.get(change.path) ?? null;
    return { what: `${change.path} ${happened(change, explanation !== null)}`, explanation };
  });
}

/** Folders after what is in them. */
function withInnerFirst(changes: readonly EtcChange[]): EtcChange[] {
  return [...changes].sort((a, b) => b.path.split('/').length - a.path.split('/').length);
}

/** What a package that is new ships, links to, or makes by a script of its own. */
function arrivalReason({ path, before: old, after: now }: EtcChange, arrivals: Arrivals): string | undefined {
  if (old || !now) return undefined;
  const owner = now.type === 'file' ? undefined : arrivals.ships(path);
  if (owner !== undefined) return `comes with ${owner}, which is new`;
  const leads = now.type === 'symlink' ? arrivals.ships(linkTarget(path, now.content ?? '')) : undefined;
  if (leads !== undefined) return `leads to a file of ${leads}, which is new`;
  const maker = arrivals.makes(path);
  return maker === undefined ? undefined : `made by a script of ${maker}, which is new`;
}

/** insserv(8) numbers the links of all init scripts anew when one comes or goes. */
function renumberedReason({ path, before: old, after: now }: EtcChange, all: readonly EtcChange[]): string | undefined {
  const link = /^(\/etc\/rc[0-6S]\.d\/[SK])\d\d(.+)$/.exec(path);
  if (!link || (old && now)) return undefined;
  const [, start = '', name = ''] = link;
  const isOther = (one: EtcChange): boolean =>
    one.path.startsWith(start) && one.path.slice(start.length + 2) === name && Boolean(one.after) === !now;
  const content = (old ?? now)?.content;
  const other = all.find((one) => isOther(one) && (one.before ?? one.after)?.content === content);
  return other && `the same link ${now ? 'was' : 'is'} ${other.path}: init scripts were numbered anew`;
}

/** All that is in a new folder came, and that is known of each. */
function newFolderReason(
  { path, before: old, after: now }: EtcChange,
  all: readonly EtcChange[],
  reasons: ReadonlyMap<string, string | null | undefined>,
): string | undefined {
  if (old || now?.type !== 'directory') return undefined;
  const inside = all.filter((one) => one.path.startsWith(`${path}/`));
  return inside.length > 0 && inside.every((one) => reasons.get(one.path) != null)
    ? 'holds what came, see there'
    : undefined;
}

/** A script makes it, under a name that it puts together, in a folder that came with its package. */
function inNewFolderReason(
  { path, before: old }: EtcChange,
  all: readonly EtcChange[],
  arrivals: Arrivals,
): string | undefined {
  if (old) return undefined;
  const folder = all.find(
    (one) =>
      !one.before && one.after?.type === 'directory' && path.startsWith(`${one.path}/`) && arrivals.ships(one.path),
  );
  return folder && `in ${folder.path}, which came with ${arrivals.ships(folder.path)}`;
}

function happened({ before: old, after: now }: EtcChange, isExplained: boolean): string {
  if (!old || !now) return old ? 'is gone' : 'is new';
  const isUnread = old.md5 !== now.md5 && (textOf(old) === undefined || textOf(now) === undefined);
  return isUnread && !isExplained ? 'changed (not looked into: larger than 1 MiB, or no text)' : 'changed';
}

function explanationOf(
  change: EtcChange,
  pair: ArchitecturePair,
  before: BeforeRecord,
  packages: readonly InstalledPackage[],
): string | null {
  const { path } = change;
  if (path === aptGuardFile || path === noRecommendsFile) {
    return 'generated';
  }
  return (
    generatedReason(change) ??
    ownReason(change) ??
    accountReason(change) ??
    besideReason(change) ??
    laidDownReason(change, packages) ??
    architectureReason(change, pair) ??
    conffileReason(change, pair, before, packages) ??
    folderReason(change, before, packages) ??
    (change.ledNowhere ? `a link to ${change.before?.content}, which is gone` : null) ??
    listReason(change) ??
    dateReason(change) ??
    spacesReason(change, before) ??
    sourcesReason(change, pair, before) ??
    null
  );
}

function generatedReason({ path, before: old, after: now }: EtcChange): string | undefined {
  const isOne = (patterns: readonly RegExp[]): boolean => patterns.some((pattern) => pattern.test(path));
  if (old && now && !sameOwner(old, now)) return undefined;
  return isOne(besides) || (now && isOne(generated)) ? 'generated' : undefined;
}

/** The folder comes with what is in it. */
const ofOurs = /^\/etc\/systemd\/system\/[^/]+\.service\.d(\/crossgrade\.conf)?$/;

/** Folders come with what is in them. */
const ofTheRun: ReadonlySet<string> = new Set(
  [loginNoticeFile, engineAtBootLink].flatMap((path) => [path, path.slice(0, path.lastIndexOf('/'))]),
);

/** @returns whether it is there because a run is not over, and no difference of what it leads to */
export function isOfTheRun({ path, before: old }: EtcChange): boolean {
  return !old && ofTheRun.has(path);
}

/** What a run leaves that has imported not all of the data. */
function ownReason({ path, before: old }: EtcChange): string | undefined {
  return !old && ofOurs.test(path) ? 'crossgrade’s own; goes when all data is imported' : undefined;
}

/** Each of their entries is compared. */
function accountReason({ path, before: old, after: now }: EtcChange): string | undefined {
  const isOne = accountFiles.some((file) => path === `/etc/${file}`);
  return isOne && old && now && sameOwner(old, now) ? 'accounts are compared one by one' : undefined;
}

/** dpkg, and ucf(1), keep what the administrator changed, and put the package's own beside it. */
function besideReason({ path, before: old }: EtcChange): string | undefined {
  const kept = path.replace(/\.(dpkg-(dist|new)|ucf-dist)$/, '');
  return !old && kept !== path ? `the package's own version of ${kept}, which was changed here and is kept` : undefined;
}

/** dpkg lays a conffile down beside its place when it unpacks a package, and puts it there when it configures it. */
function laidDownReason(
  { path, before: old, after: now }: EtcChange,
  packages: readonly InstalledPackage[],
): string | undefined {
  const place = path.replace(/\.dpkg-new$/, '');
  if (!old || now || place === path) return undefined;
  const owner = packages.find(({ conffiles }) => conffiles.some((one) => one.path === place));
  return owner && `laid down by dpkg when it unpacked ${owner.name}, which is configured now`;
}

/** The change is one of triplets, in the path or in the content. */
function architectureReason({ path, before: old, after: now }: EtcChange, pair: ArchitecturePair): string | undefined {
  const { source, target } = pair;
  const toTarget = (text: string): string =>
    text
      .replaceAll(source.triplet, target.triplet)
      .replaceAll(source.packageTriplet, target.packageTriplet)
      .replaceAll(source.buildTriplet, target.buildTriplet);
  if (old && now) {
    if (isSame(old, now, toTarget)) {
      return `names ${target.triplet} instead of ${source.triplet}`;
    }
    // As a part of a name: java-17-openjdk-i386.
    const named = new RegExp(`(?<=[-_/])${source.name}(?=[-_./\\s]|$)`, 'g');
    const isNamed = isSame(old, now, (text) => toTarget(text).replaceAll(named, target.name), toTarget);
    return isNamed ? `names ${target.name} instead of ${source.name}` : undefined;
  }
  if (!now && toTarget(path) !== path) {
    return `belongs to ${source.name}`;
  }
  return !old && path.includes(target.triplet) ? `belongs to ${target.name}` : undefined;
}

/** The packaged content changed, or its package went, and nobody had changed the file. */
function conffileReason(
  { path, before: old, after: now }: EtcChange,
  pair: ArchitecturePair,
  before: BeforeRecord,
  packages: readonly InstalledPackage[],
): string | undefined {
  const former = before.conffiles[path];
  if (!now) {
    const owner = packages.find((one) => one.name === former?.package && one.state === 'installed');
    if (!former || !owner) {
      return former && `conffile of ${former.package}, which is gone`;
    }
    const shipped = owner.conffiles.some((conffile) => conffile.path === path);
    return shipped ? undefined : `conffile of ${former.package}: its ${pair.target.name} build has none of this name`;
  }
  const owner = packages.find((one) =>
    one.conffiles.some((conffile) => conffile.path === path && conffile.md5 === now.md5),
  );
  return owner && (!old || (old.md5 === former?.md5 && sameOwner(old, now)))
    ? `conffile of ${owner.name}: the ${pair.target.name} build's own, and nobody had changed it`
    : undefined;
}

/** It came, or went, with the conffiles in it. */
function folderReason(
  { path, before: old, after: now }: EtcChange,
  before: BeforeRecord,
  packages: readonly InstalledPackage[],
): string | undefined {
  const inside = (conffile: string): boolean => conffile.startsWith(`${path}/`);
  const holds = packages.some((one) => one.conffiles.some((conffile) => inside(conffile.path)));
  if (!old && now?.type === 'directory') {
    return holds ? 'holds conffiles that are new' : undefined;
  }
  const held = Object.keys(before.conffiles).some(inside);
  return !now && old?.type === 'directory' && held && !holds ? 'held conffiles that are gone' : undefined;
}

/** update-shells(8), add-shell(8) and remove-shell(8) drop repeated lines, and put new ones at the end. */
function listReason({ path, before: old, after: now }: EtcChange): string | undefined {
  const linesOf = (text: string): string => [...new Set(text.split('\n'))].sort().join('\n');
  return lists.some((pattern) => pattern.test(path)) && isSame(old, now, linesOf)
    ? 'the same lines, written anew'
    : undefined;
}

/** As date(1) writes it. */
const dates = /\b[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d ([A-Z]+ )?\d{4}\b/g;

/** A script wrote it anew, with the date of the day. */
function dateReason({ before: old, after: now }: EtcChange): string | undefined {
  return old?.type === 'file' && isSame(old, now, (text) => text.replaceAll(dates, ''))
    ? 'written anew: only its date has changed'
    : undefined;
}

/** A script wrote it anew, with other blanks between the words. What begins a line may mean something. */
function spacesReason({ path, before: old, after: now }: EtcChange, { conffiles }: BeforeRecord): string | undefined {
  const words = (text: string): string =>
    text
      .replaceAll(/(?<=\S)[ \t]+/g, ' ')
      .replaceAll(/ +$/gm, '')
      .trimEnd();
  const isOne = old?.type === 'file' && !(path in conffiles) && isSame(old, now, words);
  return isOne ? 'written anew: the same words, with other blanks between them' : undefined;
}

/** The steps of the run that let apt find the packages, and take the old architecture away, have written it. */
function sourcesReason(
  { path, before: old, after: now }: EtcChange,
  { source, target }: ArchitecturePair,
  before: BeforeRecord,
): string | undefined {
  if (!(path in before.sourceFiles)) return undefined;
  const names = { source: source.name, target: target.name };
  const offered = (text: string): string => offerArchitecture(text, path, names);
  const dropped = (text: string): string => dropArchitecture(offered(text), path, names);
  const isOurs = [offered, dropped].some((written) => isSame(old, now, written, (text) => text));
  return isOurs ? 'its architecture restriction was changed, so that apt finds the packages' : undefined;
}

/**
 * Says whether two entries are the same but for what `read` makes alike in their texts. Never of files whose texts are
 * not known.
 *
 * @param readNow for the entry of now, when it is another one
 */
function isSame(
  old: EtcEntry | undefined,
  now: EtcEntry | undefined,
  read: (text: string) => string,
  readNow = read,
): boolean {
  if (!old || !now || !sameOwner(old, now)) return false;
  const [was, is] = [textOf(old), textOf(now)];
  return was !== undefined && is !== undefined && read(was) === readNow(is);
}

/** @returns undefined for what was not read, and for other bytes than UTF-8, which all look the same once they were */
function textOf({ content }: EtcEntry): string | undefined {
  return content === null || content.includes('\ufffd') ? undefined : content;
}

function sameOwner(a: EtcEntry, b: EtcEntry): boolean {
  return a.type === b.type && a.mode === b.mode && a.uid === b.uid && a.gid === b.gid;
}
