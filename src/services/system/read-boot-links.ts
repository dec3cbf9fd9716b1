import { linkTarget } from '../../base/link-target.ts';
import type { Machine } from '../../base/machine.ts';
import { beforeRecordFile, etcCopy } from '../../base/own-paths.ts';
import type { RootPath } from '../../base/root.ts';
import type { InstalledPackage } from '../../debian/package.ts';
import type { Milestones } from '../../state/state.ts';
import { type BootLink, type BootLinks, changedByPackages } from '../boot-links.ts';
import { parseOwners } from '../services.ts';

const folders = ['systemd/system', 'systemd/user', ...[...'0123456S'].map((level) => `rc${level}.d`)];

/** Where deb-systemd-helper keeps what it has made, and where these links are. */
const helpers: readonly (readonly [RootPath, RootPath])[] = [
  ['/var/lib/systemd/deb-systemd-helper-enabled', '/etc/systemd/system'],
  ['/var/lib/systemd/deb-systemd-user-helper-enabled', '/etc/systemd/user'],
];

/** @returns undefined until everything is configured, and once all was compared */
export async function readChangedBootLinks(
  machine: Machine,
  packages: readonly InstalledPackage[],
  milestones: Milestones,
): Promise<readonly BootLink[] | undefined> {
  if (!milestones.replaced || milestones.compared) return undefined;
  const now = await linksBelow(machine, '/etc');
  const changed = changedByPackages({
    before: await linksBelow(machine, etcCopy),
    now,
    ...(await linksOfHelpers(machine)),
  });
  const ends = new Map(changed.map((one) => [one.path, linkTarget(one.path, one.before ?? now[one.path] ?? '')]));
  if (ends.size === 0) return [];
  const { stdout } = await machine.run(['dpkg-query', '--search', ...new Set(ends.values())]);
  const owners = parseOwners(stdout, packages);
  const known: BootLink[] = [];
  for (const one of changed) {
    const end = ends.get(one.path) ?? one.path;
    // Somebody has put something else there.
    if (one.before !== undefined && (await machine.info(one.path))) continue;
    // A link to what is gone starts nothing; a mask leads to nothing by intention.
    if (one.before !== undefined && end !== '/dev/null' && !(await machine.exists(end))) continue;
    const owner = owners.get(end)?.package.replace(/:.*$/, '');
    const folder = one.path.slice(0, one.path.lastIndexOf('/')) as RootPath;
    const isNew = one.before === undefined && !(await machine.info(`${etcCopy}${folder.slice('/etc'.length)}`));
    known.push({ ...one, ...(owner !== undefined && { package: owner }), ...(isNew && { newFolder: folder }) });
  }
  return known;
}

/** A script of a package that removes a link forgets it, too; one that makes it anew writes it down anew. */
async function linksOfHelpers(machine: Machine): Promise<Pick<BootLinks, 'byPackages' | 'known'>> {
  const since = await timeOfRecord(machine);
  const byPackages = new Set<string>();
  const known = new Set<string>();
  for (const [state, etc] of helpers) {
    for (const { path, info } of await machine.walk(state)) {
      if (info.type === 'directory') continue;
      (info.mtimeMs < since ? known : byPackages).add(`${etc}${path.slice(state.length)}`);
    }
  }
  return { byPackages, known };
}

/** In milliseconds since 1970; 0 where that is not said. */
async function timeOfRecord(machine: Machine): Promise<number> {
  const [, recordedAt = ''] =
    /"recordedAt":"([^"]+)"/.exec((await machine.readTextIfThere(beforeRecordFile)) ?? '') ?? [];
  return Date.parse(recordedAt) || 0;
}

async function linksBelow(machine: Machine, etc: RootPath): Promise<Record<string, string>> {
  const links: Record<string, string> = {};
  for (const folder of folders) {
    for (const { path, info } of await machine.walk(`${etc}/${folder}`)) {
      if (info.type === 'symlink') links[`/etc${path.slice(etc.length)}`] = await machine.readLink(path);
    }
  }
  return links;
}
