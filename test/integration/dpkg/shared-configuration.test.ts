import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { purgeOneOfTwo, restoreShared } from '../../../src/dpkg/system/shared-configuration.ts';
import type { Batch } from '../../../src/plan/plan.ts';
import { shell } from '../../support/roots/data-root.ts';
import { type FreshRoot, freshRoot } from '../../support/roots/roots.ts';
import { plentyBytes } from '../../support/runs/faults.ts';
import { type Deed, performOn } from '../../support/runs/perform-on.ts';

/** A library's two builds, of which each purge takes what belongs to both; it fails as long as a file says so. */
const twoBuilds = `
cd /tmp
dpkg --add-architecture amd64
for architecture in i386 amd64; do
  mkdir -p $architecture/DEBIAN
  printf 'Package: libshared\\nVersion: 1\\nArchitecture: %s\\nMulti-Arch: same\\nMaintainer: Nobody <nobody@example.org>\\nDescription: shared\\n' $architecture > $architecture/DEBIAN/control
  cat > $architecture/DEBIAN/postrm <<'SCRIPT'
#!/bin/sh
set -e
[ "$1" = purge ] || exit 0
rm -f /etc/shared.conf
sed -i /libshared/d /etc/nsswitch.conf /etc/passwd
update-alternatives --remove shared-tool /usr/bin/env
[ ! -e /etc/libshared-fails ]
SCRIPT
  chmod 755 $architecture/DEBIAN/postrm
  dpkg-deb --build $architecture $architecture.deb
done
dpkg --install i386.deb amd64.deb
echo ours > /etc/shared.conf
echo 'hosts: libshared' >> /etc/nsswitch.conf
useradd --system libshared
echo 'root:before' | chpasswd
update-alternatives --install /usr/bin/shared-tool shared-tool /usr/bin/env 10
ln -s /usr/bin/env /etc/this-week
mkdir -p /var/cache/crossgrade/archives /var/lib/crossgrade /var/log/crossgrade
`;

let root: FreshRoot;

beforeEach(async () => {
  root = await freshRoot('bookworm-minimal', { memoryBytes: plentyBytes });
  await shell(root.directory, twoBuilds);
});

afterEach(() => root?.dispose());

const batch: Batch = { id: 'purge-1', wave: 'purge', operation: 'purge', instances: ['libshared:i386'], force: [] };

const perform = (deed: Deed) =>
  performOn(root.directory, deed, {
    step: 'finish/purge-old-instances',
    store: {
      state: { milestones: { 'point-of-no-return': '2026-01-01T00:00:00Z' } },
      update: async () => undefined,
      plan: async () => ({ archives: [] }),
    },
  });

const purge = () => perform((performance) => purgeOneOfTwo(performance, batch, 'source'));
const text = (path: string) => readFileSync(join(root.directory, path), 'utf8');
const hashOfRoot = () => /^root:([^:]*)/m.exec(text('/etc/shadow'))?.[1];

async function expectAllThere(): Promise<void> {
  expect(text('/etc/shared.conf')).toBe('ours\n');
  expect(text('/etc/nsswitch.conf')).toContain('hosts: libshared');
  expect(text('/etc/passwd').match(/^libshared:/gm)).toHaveLength(1);
  expect(await shell(root.directory, 'readlink /etc/alternatives/shared-tool; shared-tool true')).toBe(
    '/usr/bin/env\n',
  );
  expect(await shell(root.directory, 'ls /var/lib/crossgrade')).not.toContain('before-purge');
}

test('what a purge that fails has taken is put back at once, and what is changed before the next one stays', async () => {
  await shell(root.directory, 'touch /etc/libshared-fails');
  const failed = await purge();
  expect(failed).toMatchObject({
    failure: { code: 'CG0223' },
    said: expect.stringContaining('/etc/passwd'),
  });
  await expectAllThere();

  await shell(
    root.directory,
    `rm /etc/libshared-fails /etc/issue; echo 'root:after' | chpasswd; sed -i 's/ours/mine/' /etc/shared.conf
echo '127.0.1.1 renamed' > /etc/hosts; ln -sfn /usr/bin/id /etc/this-week`,
  );
  const hash = hashOfRoot();
  expect(await purge()).not.toHaveProperty('failure');
  expect(text('/etc/shared.conf')).toBe('mine\n');
  await shell(root.directory, "sed -i 's/mine/ours/' /etc/shared.conf; ! test -e /etc/issue");
  await expectAllThere();
  expect(hashOfRoot()).toBe(hash);
  expect(text('/etc/hosts')).toBe('127.0.1.1 renamed\n');
  expect(await shell(root.directory, 'readlink /etc/this-week')).toBe('/usr/bin/id\n');
  expect(await shell(root.directory, "dpkg-query -W -f '${Architecture}' libshared")).toBe('amd64');
});

test('of a purge that was cut off, what it has taken is put back later, and what was changed since stays', async () => {
  // As a kill of the whole system leaves it: the copy, and dpkg's last words.
  await shell(
    root.directory,
    `mkdir -p /var/lib/crossgrade/before-purge
cp --archive --parents /etc /var/lib/dpkg/alternatives /var/lib/dpkg/diversions /var/lib/crossgrade/before-purge
printf source > /var/lib/crossgrade/before-purge/complete
dpkg --purge libshared:i386 > /var/log/crossgrade/dpkg.log`,
  );
  await sleep(3000);
  await shell(
    root.directory,
    "echo 'root:after' | chpasswd; echo '127.0.1.1 renamed' > /etc/hosts; ln -sfn /usr/bin/id /etc/this-week",
  );
  const hash = hashOfRoot();
  expect(await perform(restoreShared)).not.toHaveProperty('failure');
  await expectAllThere();
  expect(hashOfRoot()).toBe(hash);
  expect(text('/etc/hosts')).toBe('127.0.1.1 renamed\n');
  expect(await shell(root.directory, 'readlink /etc/this-week')).toBe('/usr/bin/id\n');
});
