import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FrozenRoot, freshRoot, snapshot } from '../support/roots/roots.ts';
import { allButThePurge, mixByHand, must } from '../support/roots/taken-over.ts';
import { expectFinished, expectTakenOver, report } from '../support/runs/expect-taken-over.ts';
import { crossgrade, crossgradeAsText, tail, withRoot } from '../support/runs/faults.ts';

describe('dpkg, apt and tar were replaced by hand, and a library is only unpacked', () => {
  let mixed: FrozenRoot;
  beforeAll(async () => {
    const root = await freshRoot('bookworm-minimal');
    mixByHand(root.directory);
    mixed = await snapshot(root);
  });
  afterAll(() => mixed?.dispose());

  test('check and status say what is there, and that it is gone on with', () =>
    withRoot(mixed, async ({ directory }) => {
      const { verdict, findings } = report(directory);
      expect(verdict).toBe('ready');
      expect(findings.filter(({ severity }) => severity !== 'note')).toMatchObject([
        { id: 'packages/taken-over', severity: 'warning' },
        { id: 'packages/unfinished', severity: 'warning' },
      ]);
      const { text } = await crossgradeAsText(directory, 'status');
      expect(text).toMatch(
        /^A crossgrade was begun by other means: dpkg is amd64, and \d+ packages are i386\.\nNext: /,
      );
    }));

  test.each(['libraries', 'core', 'purge'])('it is converted, though all is killed in the wave %s', (wave) =>
    withRoot(mixed, ({ directory }) => expectTakenOver(directory, wave)),
  );

  test('before the first dpkg call a rollback takes back the preparations, and nothing of what was there', () =>
    withRoot(mixed, async ({ directory }) => {
      const states = () => must(directory, "dpkg-query -W -f '${binary:Package} ${Version} ${Status}\\n'");
      const before = states();
      expect((await crossgrade(directory, 'run', '--yes', '--until', 'prepare')).code).toBe(0);
      const back = await crossgrade(directory, 'rollback', '--yes');
      expect(back.code, tail(back)).toBe(0);
      expect(states()).toBe(before);
      expect(report(directory).verdict).toBe('ready');
    }));
});

test('everything but the purge was done by hand: it is finished, though all is killed in the middle', async () => {
  const root = await freshRoot('bookworm-minimal');
  await allButThePurge(root.directory);
  const left = await snapshot(root);
  try {
    await withRoot(left, async ({ directory }) => {
      const { verdict, findings } = report(directory);
      expect(verdict).toBe('ready');
      expect(findings.map(({ id }) => id)).toContain('packages/leftovers');
      await expectTakenOver(directory, 'purge');
    });
    await withRoot(left, async ({ directory }) => {
      must(
        directory,
        `set -e
mkdir -p /tmp/own/DEBIAN /tmp/own/usr/lib/i386-linux-gnu
printf 'Package: libown1\nVersion: 1\nArchitecture: i386\nMulti-Arch: same\nMaintainer: nobody <nobody@mirror.example>\nDescription: of no program\n' >/tmp/own/DEBIAN/control
cp /usr/lib/i386-linux-gnu/libz.so.1 /tmp/own/usr/lib/i386-linux-gnu/libown.so.1
dpkg-deb --root-owner-group -b /tmp/own /tmp/own.deb
dpkg -i /tmp/own.deb
rm -r /tmp/own /tmp/own.deb`,
      );
      // It came by hand, and there is no other build: whether it goes is no matter of --yes.
      const refused = await crossgradeAsText(directory, 'run', '--yes');
      expect([refused.code, refused.text]).toEqual([3, expect.stringContaining('Affected: libown1')]);
      expect(refused.text).toContain('no-counterpart');
      const there = (): string => must(directory, "dpkg-query -W -f '${db:Status-Status} ${Architecture}' libown1");
      expect(there()).toBe('installed i386');
      const answers = join(directory, 'tmp/answers.json');
      writeFileSync(answers, JSON.stringify({ 'no-counterpart': 'keep' }));
      const kept = await crossgrade(directory, 'run', '--yes', '--answers', answers);
      expect(kept.code, tail(kept)).toBe(0);
      expect(there()).toBe('installed i386');
    });
  } finally {
    await left.dispose();
  }
});

test('shells and coreutils were replaced by hand: they are part of the plan', () =>
  withRoot('bookworm-minimal', async ({ directory }) => {
    must(
      directory,
      `set -e
dpkg --add-architecture amd64
apt-get -q update
cd /tmp
apt-get -q download gcc-12-base:amd64 libacl1:amd64 libattr1:amd64 libc6:amd64 libcrypt1:amd64 libgcc-s1:amd64 libgmp10:amd64 \\
  libpcre2-8-0:amd64 libselinux1:amd64 libtinfo6:amd64 bash:amd64 coreutils:amd64 dash:amd64
dpkg --install gcc-*.deb lib*.deb
dpkg --install bash_*.deb coreutils_*.deb dash_*.deb
rm *.deb`,
    );
    expect(report(directory).verdict).toBe('ready');
    const end = await crossgrade(directory, 'run', '--yes');
    expect(end.code, tail(end)).toBe(0);
    await expectFinished(directory);
  }));
