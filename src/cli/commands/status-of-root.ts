import type { Machine } from '../../base/machine.ts';
import { dpkgFolder } from '../../base/own-paths.ts';
import { architecturePairs, defaultTarget } from '../../debian/architecture.ts';
import type { InstalledPackage } from '../../debian/package.ts';
import type { Way } from '../../plan/way.ts';
import { standing } from '../../plan/way-words.ts';
import type { Status } from '../report/status-view.ts';

/** How a root stands on which crossgrade has begun nothing. Changes nothing. */
export async function statusOfRoot(machine: Machine, wanted: string | undefined): Promise<Status> {
  // Not decoded, since of this megabyte only two names count.
  const text = await machine.readText(`${dpkgFolder}/status`, 'latin1').catch(() => '');
  // Where there is no package database, run says so.
  const native = architectureOfDpkg(text);
  const target = wanted ?? defaultTarget(native);
  if (native !== target) return statusOf({ kind: 'none' }, [], target);
  const sources = architecturePairs.filter((pair) => pair.target.name === target).map(({ source }) => source.name);
  if (!sources.some((name) => text.includes(`\nArchitecture: ${name}\n`))) {
    return statusOf({ kind: 'there', kept: [] }, [], target);
  }
  // Only now it takes all packages to tell, and what reads them, which is long to load.
  const { readPackages } = await import('../../dpkg/system/read-packages.ts');
  const { findWay } = await import('../../plan/way.ts');
  const packages = await readPackages(machine).catch(() => []);
  return statusOf(findWay({ nativeArchitecture: native, packages }, target), packages, target);
}

function statusOf(way: Way, packages: readonly InstalledPackage[], target: string): Status {
  return {
    schemaVersion: 1,
    state: 'none',
    standing: standing({ packages }, way, target),
    next: way.kind === 'there' ? 'nothing, there is nothing to do' : 'crossgrade run',
  };
}

/** @returns the architecture of the installed dpkg, '' when it is not known */
function architectureOfDpkg(status: string): string {
  const first = 'Package: dpkg\n';
  const before = status.startsWith(first) ? 0 : status.indexOf(`\n${first}`);
  if (before < 0) return '';
  const end = status.indexOf('\n\n', before);
  return /^Architecture: (\S+)$/m.exec(status.slice(before, end < 0 ? undefined : end))?.[1] ?? '';
}
