import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { crossgrade, tail } from '../runs/faults.ts';
import { inRoot } from './rebuilt-package.ts';

/**
 * What somebody has done to a minimal root who began by hand: the libraries that dpkg, apt and tar need, then these. Some
 * library stays unpacked for want of what it needs itself.
 */
export function mixByHand(directory: string): void {
  const script = `set -e
dpkg --add-architecture amd64
apt-get -q update
cd /tmp
names=$(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances \\
  dpkg:amd64 apt:amd64 tar:amd64 | grep -E '^[a-z0-9.+-]+:amd64$' | sort -u)
for name in $names; do
  case $name in lib*|gcc-*|zlib1g*) libraries="$libraries $name" ;; esac
done
apt-get -q download $libraries dpkg:amd64 apt:amd64 tar:amd64
dpkg --install $(ls *_amd64.deb | grep -E '^(lib|gcc|zlib)' | grep -v '^libc-bin') || true
dpkg --install tar_*.deb
dpkg --install dpkg_*.deb apt_*.deb
rm *.deb`;
  must(directory, script);
}

/** A minimal root of which everything was converted but the old libraries, by nobody who has left a trace. */
export async function allButThePurge(directory: string): Promise<void> {
  const end = await crossgrade(directory, 'run', '--yes', '--until', 'rest');
  if (end.code !== 0) throw new Error(tail(end));
  for (const path of ['var/lib/crossgrade', 'var/log/crossgrade', 'var/cache/crossgrade']) {
    rmSync(join(directory, path), { recursive: true });
  }
  for (const name of ['00crossgrade-guard', '99crossgrade-no-recommends']) {
    rmSync(join(directory, 'etc/apt/apt.conf.d', name));
  }
}

/** @throws when the script fails */
export function must(directory: string, script: string): string {
  const { code, text } = inRoot(directory, 'sh', '-c', script);
  if (code !== 0) throw new Error(text);
  return text;
}
