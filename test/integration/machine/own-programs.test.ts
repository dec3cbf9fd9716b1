import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { ownPrograms } from '../../../src/plan/own-programs.ts';
import { pristineRoot } from '../../support/roots/roots.ts';

/** Program, by name alone, to the packages that have it, as dpkg's own file lists say. */
function programsOf(root: string): Map<string, Set<string>> {
  const folder = join(root, 'var/lib/dpkg/info');
  const owners = new Map<string, Set<string>>();
  for (const list of readdirSync(folder).filter((name) => name.endsWith('.list'))) {
    const [owner = ''] = list.replace(/\.list$/, '').split(':');
    for (const path of readFileSync(join(folder, list), 'utf8').split('\n')) {
      if (!/^(\/usr)?\/(s?bin|lib\/apt)\/[^/]+$|^\/usr\/lib\/postgresql\/[\d.]+\/bin\/[^/]+$/.test(path)) continue;
      const name = basename(path);
      owners.set(name, (owners.get(name) ?? new Set()).add(owner));
    }
  }
  return owners;
}

/** dpkg does not list what alternatives and maintainer scripts make. */
const unlisted = new Set(['awk', 'sh']);
const ours = ownPrograms.filter(({ packages }) => !packages.includes('crossgrade'));

for (const origin of ['bookworm-minimal', 'trixie-minimal', 'bookworm-server']) {
  test(`each program is of the packages that the list names, on ${origin}`, async () => {
    const root = await pristineRoot(origin);
    const owners = programsOf(root);
    const installed = new Set(
      readdirSync(join(root, 'var/lib/dpkg/info')).map((name) => name.replace(/(:\w+)?\.list$/, '')),
    );
    const wrong = ours.flatMap(({ name, packages, optional }) => {
      const found = [...(owners.get(name) ?? [])];
      const strangers = found.filter((owner) => !packages.includes(owner));
      const isMissing =
        found.length === 0 && !optional && !unlisted.has(name) && packages.some((one) => installed.has(one));
      return strangers.length > 0 || isMissing ? [{ name, packages, found }] : [];
    });
    expect(wrong).toEqual([]);
  });
}
