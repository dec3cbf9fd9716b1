import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Levelled } from '../../../src/plan/plan.ts';
import { perform } from '../../../src/run/system/perform.ts';
import type { Performance } from '../../../src/state/system/performance.ts';
import { levelVersions } from '../../../steps/prepare/level-versions.ts';
import { defaultExclusions, diffRootStates, readRootState } from '../../support/roots/root-state.ts';
import { inRoot } from '../../support/runs/conversion.ts';
import { withRoot } from '../../support/runs/faults.ts';
import { type Deed, performOn } from '../../support/runs/perform-on.ts';

/** dpkg's copies of its files, from before it wrote them last. */
const backups = /^\/var\/lib\/dpkg\/[a-z]+-old$/;
const exclusions = [...defaultExclusions, backups, /^\/var\/lib\/crossgrade$/];

const build = `
set -e
cd /tmp
make() {
  rm -rf tree
  mkdir -p tree/DEBIAN tree/etc tree/usr/bin tree/usr/share/doc/thing
  printf 'Package: thing\\nVersion: %s\\nArchitecture: i386\\nMaintainer: Nobody <nobody@example.org>\\nDescription: made up\\n' "$1" > tree/DEBIAN/control
  for name in changed same deleted; do echo "$name of $1" > tree/etc/thing-$name.conf; echo /etc/thing-$name.conf; done > tree/DEBIAN/conffiles
  echo same > tree/etc/thing-same.conf
  echo "program of $1" > tree/usr/bin/thing
  ln tree/usr/bin/thing tree/usr/bin/thing-too
  chmod 4755 tree/usr/bin/thing
  echo "other program" > tree/usr/bin/thing-capable
  echo "text of $1" > tree/usr/share/doc/thing/README
  echo "list of $1" > tree/usr/bin/thing-list
}
make 1+local
dpkg-deb -Znone --build tree first.deb
make 2
echo new > tree/etc/thing-new.conf
echo /etc/thing-new.conf >> tree/DEBIAN/conffiles
echo new > tree/usr/bin/thing-new
dpkg-deb -Znone --build tree second.deb
`;

const administrator = `
set -e
cd /tmp
echo 'path-exclude=/usr/share/doc/thing/*' > /etc/dpkg/dpkg.cfg.d/none
dpkg --install first.deb
echo mine > /etc/thing-changed.conf
rm /etc/thing-deleted.conf
echo mine > /usr/bin/thing-list
`;

const level: Levelled[] = [{ key: 'thing:i386', from: '1+local', to: '2' }];
const store = { update: async () => undefined, state: { milestones: {} }, target: async () => undefined };

function act(directory: string, work: Deed) {
  return performOn(directory, work, { step: 'prepare/level-versions', store, plan: { level } });
}

const takeBack: Deed = async (performance) => {
  const { undo } = levelVersions;
  if (undo === 'point of no return') throw new Error();
  for (const action of undo(performance.context)) await perform(performance, action);
};

test('what is levelled comes back as it was, whatever the administrator has made of it', () =>
  withRoot('bookworm-minimal', async ({ directory }) => {
    for (const script of [build, administrator]) {
      const [result] = await inRoot(directory, ['sh', '-c', script]);
      expect(result?.exitCode, result?.stderr).toBe(0);
    }
    // A packager's name in Latin 1, as local packages have it.
    const status = join(directory, 'var/lib/dpkg/status');
    const text = readFileSync(status, 'latin1');
    writeFileSync(status, text.replace('\nMaintainer: ', '\nMaintainer: Ren\u00e9 '), 'latin1');
    const before = readRootState(directory, exclusions);
    const saved = await act(directory, (performance: Performance) =>
      perform(performance, { do: 'save-originals', level }),
    );
    expect(saved.failure).toBeUndefined();
    const [up] = await inRoot(directory, [
      'sh',
      '-c',
      'dpkg --force-confold --force-confdef --install /tmp/second.deb',
    ]);
    expect(up?.exitCode, up?.stderr).toBe(0);
    const back = await act(directory, takeBack);
    expect(back.failure).toBeUndefined();
    expect(
      diffRootStates(before, readRootState(directory, exclusions)).map(
        ({ path, change, fields }) => `${path} ${change} ${fields}`,
      ),
    ).toEqual([]);
  }));
