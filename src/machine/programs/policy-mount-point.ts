import { execFileSync } from 'node:child_process';
import { lstatSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeTrouble } from '../files/file-trouble.ts';
import { type HostPath, resolveInRoot } from '../files/resolve-in-root.ts';

/**
 * Where the policy-rc.d of the private namespace is mounted. The kernel needs a file to mount on; where the root has
 * none we put one, not executable, so that even after a power cut no service is held back by it: invoke-rc.d and
 * deb-systemd-invoke only heed an executable policy-rc.d.
 */
export interface PolicyMountPoint {
  readonly path: HostPath;
  /** The file is ours, and goes when the root is closed. */
  readonly ours: boolean;
  remove(): void;
}

const content = '# Left by an interrupted crossgrade; without effect. `crossgrade resume` removes it.\n';

export function makePolicyMountPoint(directory: string): PolicyMountPoint {
  const path = resolveInRoot(directory, '/usr/sbin/policy-rc.d', { followLast: true });
  const folder = dirname(path);
  if (lstatSync(path, { throwIfNoEntry: false })) {
    const ours = isOurs(path);
    return { path, ours, remove: () => ours && rmSync(path, { force: true }) };
  }
  const before = modified(folder);
  try {
    writeFileSync(path, content, { flag: 'wx', mode: 0o644 });
  } catch (error) {
    rmSync(path, { force: true });
    throw writeTrouble('/usr/sbin/policy-rc.d', error) ?? error;
  }
  const after = modified(folder);
  return {
    path,
    ours: true,
    remove() {
      if (!isOurs(path)) return;
      const untouchedSince = modified(folder) === after;
      rmSync(path);
      // Node's utimes rounds to microseconds; the folder shall look as if nothing had been here.
      if (untouchedSince) execFileSync('touch', ['--no-create', '-m', '-d', `@${seconds(before)}`, folder]);
    },
  };
}

function isOurs(path: HostPath): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true && stats.size === content.length && readFileSync(path, 'utf8') === content;
}

function modified(path: string): bigint {
  return statSync(path, { bigint: true }).mtimeNs;
}

function seconds(nanoseconds: bigint): string {
  return `${nanoseconds / 1_000_000_000n}.${String(nanoseconds % 1_000_000_000n).padStart(9, '0')}`;
}
