import { createHash } from 'node:crypto';
import { machineMirror } from '../../../src/sandbox/machine-mirror.ts';

/**
 * The first of a suite's names under which this machine's mirror has it whole, for i386 and amd64.
 *
 * For hours after a point release a mirror may have the new Release file beside a package list of before, and neither
 * debootstrap nor apt takes what is not as that file says. `stable` may then still be the release of before.
 *
 * @param names a codename and its aliases, `['trixie', 'stable']`
 */
export async function wholeSuite(...names: readonly string[]): Promise<string | undefined> {
  for (const name of names) if (await isWhole(name)) return name;
  return undefined;
}

async function isWhole(suite: string): Promise<boolean> {
  const dists = `${(await machineMirror(suite)).replace(/\/+$/, '')}/dists/${suite}`;
  const release = await (await fetch(`${dists}/InRelease`)).text();
  for (const architecture of ['i386', 'amd64']) {
    const list = `main/binary-${architecture}/Packages.xz`;
    const bytes = new Uint8Array(await (await fetch(`${dists}/${list}`)).arrayBuffer());
    const sum = createHash('sha256').update(bytes).digest('hex');
    if (!release.includes(` ${sum} ${String(bytes.length).padStart(8)} ${list}`)) return false;
  }
  return true;
}
