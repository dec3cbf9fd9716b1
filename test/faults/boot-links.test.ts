import { existsSync, lstatSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freshRoot } from '../support/roots/roots.ts';
import { comparisonIn, convert } from '../support/runs/conversion.ts';
import { plentyBytes } from '../support/runs/faults.ts';

const folders = ['etc/systemd/system', 'etc/systemd/user', ...[...'0123456S'].map((level) => `etc/rc${level}.d`)];

function linksIn(directory: string): Record<string, string> {
  return Object.fromEntries(
    folders
      .filter((folder) => existsSync(join(directory, folder)))
      .flatMap((folder) =>
        readdirSync(join(directory, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
      )
      .filter((path) => lstatSync(join(directory, path)).isSymbolicLink())
      .map((path): [string, string] => [path, readlinkSync(join(directory, path))])
      .sort(),
  );
}

test('what was off at boot is off afterwards, although the script of its package enables it, and what was on is on', async () => {
  // quota's script enables its services only when it is configured anew; the other one was switched off by hand.
  const root = await freshRoot({ suite: 'bookworm', packages: ['quota'] }, { memoryBytes: plentyBytes });
  try {
    const off = 'etc/systemd/system/timers.target.wants/fstrim.timer';
    expect(linksIn(root.directory)).toHaveProperty([off]);
    rmSync(join(root.directory, off));
    const before = linksIn(root.directory);
    expect(Object.keys(before).filter((path) => path.includes('quota'))).toEqual([]);
    const { ending } = await convert(root.directory);
    expect(ending.code, ending.text.slice(-3000)).toBe(0);
    expect(linksIn(root.directory)).toEqual(before);
    const { differences } = comparisonIn(root.directory);
    expect(differences.filter(({ what }) => /rc.\.d|systemd/.test(what))).toEqual([]);
  } finally {
    await root.dispose();
  }
});
