import type { ArchitecturePair } from './architecture.ts';
import type { Before } from './before.ts';
import type { Difference } from './comparison.ts';
import type { InstalledPackage } from './package.ts';
import { aptGuardFile, noRecommendsFile } from './paths.ts';
import { accountFiles } from './picture/accounts.ts';

/** One path below /etc, before or after. */
export interface EtcEntry {
  readonly type: 'file' | 'directory' | 'symlink' | 'other';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Text of a file, target of a symlink; '' for the rest. */
  readonly content: string;
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

/** Written anew by programs, from what else is there. */
const generated: readonly RegExp[] = [
  /^\/etc\/ld\.so\.cache$/,
  /^\/etc\/mailcap$/,
  // Hashed from the text files beside them; sendmail and the XML and SGML catalogues keep their last version.
  /^\/etc\/(mail\/|postfix\/)?[^/]+\.db$/,
  /^\/etc\/mail\/[^/]+\.cf\.old$/,
  /^\/etc\/(xml|sgml)\/[^/]+\.old$/,
  /^\/etc\/\.pwd\.lock$/,
  /^\/etc\/(passwd|group|shadow|gshadow|subuid|subgid)-$/,
  /^\/etc\/ssl\/certs\/ca-certificates\.crt$/,
  /^\/etc\/ssl\/certs\/java\//,
];

/** Lists that programs write anew whenever a package with an entry of its own comes or goes: order does not matter. */
const lists: readonly RegExp[] = [/^\/etc\/shells$/];

/** Says why a path below /etc is not as it was; `explanation: null` when that cannot be told. */
export function explainEtcChange(
  change: EtcChange,
  pair: ArchitecturePair,
  before: Before,
  packages: readonly InstalledPackage[],
): Difference {
  const { path } = change;
  const what = change.before ? (change.after ? `${path} changed` : `${path} is gone`) : `${path} is new`;
  return { what, explanation: explanationOf(change, pair, before, packages) };
}

function explanationOf(
  change: EtcChange,
  pair: ArchitecturePair,
  before: Before,
  packages: readonly InstalledPackage[],
): string | null {
  const { path } = change;
  if (generated.some((pattern) => pattern.test(path)) || path === aptGuardFile || path === noRecommendsFile) {
    return 'generated';
  }
  return (
    accountReason(change) ??
    besideReason(change) ??
    repetitionReason(change) ??
    architectureReason(change, pair) ??
    conffileReason(change, pair, before, packages) ??
    folderReason(change, before, packages) ??
    (change.ledNowhere ? `a link to ${change.before?.content}, which is gone` : null) ??
    listReason(change) ??
    dateReason(change) ??
    (path in before.sourceFiles ? 'its architecture restriction was changed, so that apt finds the packages' : null)
  );
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

/** A program that keeps a list wrote it again, without what stood in it twice (update-shells does). */
function repetitionReason({ before: old, after: now }: EtcChange): string | undefined {
  const once = (text: string): string => [...new Set(text.split('\n'))].join('\n');
  const same = old?.type === 'file' && now?.type === 'file' && sameOwner(old, now);
  return same && once(old.content) === once(now.content) ? 'the same lines, but none of them twice' : undefined;
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
    if (!sameOwner(old, now)) return undefined;
    if (toTarget(old.content) === toTarget(now.content)) {
      return `names ${target.triplet} instead of ${source.triplet}`;
    }
    // As a part of a name: java-17-openjdk-i386.
    const named = new RegExp(`(?<=[-_/])${source.name}(?=[-_./\\s]|$)`, 'g');
    const same = toTarget(old.content).replaceAll(named, target.name) === toTarget(now.content);
    return same ? `names ${target.name} instead of ${source.name}` : undefined;
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
  before: Before,
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
  return owner && (!old || old.md5 === former?.md5)
    ? `conffile of ${owner.name}: the ${pair.target.name} build's own, and nobody had changed it`
    : undefined;
}

/** It came, or went, with the conffiles in it. */
function folderReason(
  { path, before: old, after: now }: EtcChange,
  before: Before,
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
  if (!old || !now || !sameOwner(old, now) || !lists.some((pattern) => pattern.test(path))) {
    return undefined;
  }
  const linesOf = (text: string): string => [...new Set(text.split('\n'))].sort().join('\n');
  return linesOf(old.content) === linesOf(now.content) ? 'the same lines, written anew' : undefined;
}

/** As date(1) writes it. */
const dates = /\b[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d ([A-Z]+ )?\d{4}\b/g;

/** A script wrote it anew, with the date of the day. */
function dateReason({ before: old, after: now }: EtcChange): string | undefined {
  const same = old?.type === 'file' && now?.type === 'file' && sameOwner(old, now);
  return same && old.content.replaceAll(dates, '') === now.content.replaceAll(dates, '')
    ? 'written anew: only its date has changed'
    : undefined;
}

function sameOwner(a: EtcEntry, b: EtcEntry): boolean {
  return a.type === b.type && a.mode === b.mode && a.uid === b.uid && a.gid === b.gid;
}
