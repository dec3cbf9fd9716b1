import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { giveTargetLists } from '../support/roots/own-lists.ts';
import { pristineRoot } from '../support/roots/roots.ts';
import { inRoot } from '../support/runs/conversion.ts';
import { withRoot } from '../support/runs/faults.ts';
import { check, commandsOf, expectDone, saidBy, typeRemedies } from '../support/runs/type-remedies.ts';

function put(directory: string, path: string, content: string | Buffer): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), content);
}

test('what is set for paths of the old architecture: diversions, modes, the loader', () =>
  withRoot('bookworm-minimal', async ({ directory }) => {
    const divert = (path: string) => [
      'dpkg-divert',
      '--local',
      '--no-rename',
      '--divert',
      `${path}.old`,
      '--add',
      path,
    ];
    const triplet = '/usr/lib/i386-linux-gnu';
    put(directory, '/etc/ld.so.preload', `${triplet}/libown.so\n`);
    put(directory, '/etc/ld.so.preload.off', 'from an earlier time\n');
    put(directory, '/etc/ld.so.conf.d/own.conf', `# own\n${triplet}/own\n/opt/lib\n`);
    await inRoot(
      directory,
      // Of a library that the packages call /lib/…: dpkg does not go by it.
      divert(`${triplet}/libz.so.1`),
      // Nothing is at the new place.
      divert('/usr/lib/x86_64-linux-gnu/libown.so.1'),
      ['dpkg-statoverride', '--add', 'root', 'root', '0700', `${triplet}/perl-base/Config.pm`],
    );
    const wanted = [
      'packages/diversion-empty',
      'packages/diversion-without-effect',
      'packages/stat-override-old-path',
      'software/preload',
      'software/library-path',
    ];
    const mine = async () => (await check(directory)).findings.filter(({ id }) => wanted.includes(id));
    const found = await mine();
    expect(found.map(({ id }) => id)).toEqual(wanted);
    const typed = await typeRemedies(directory, found);
    expectDone(typed);
    expect(await mine(), saidBy(typed)).toEqual([]);
    expect((await check(directory)).verdict).toBe('ready');
    expect(readFileSync(join(directory, 'etc/ld.so.preload.off'), 'utf8')).toContain('libown');
  }));

test('what is to be written down before: modules of pip, where pip itself is gone', () =>
  withRoot('bookworm-minimal', async ({ directory }) => {
    giveTargetLists(directory);
    const folder = '/usr/local/lib/python3.11/dist-packages';
    put(directory, `${folder}/own-1.0.dist-info/METADATA`, 'Name: own\nVersion: 1.0\n');
    put(directory, `${folder}/own/_own.so`, readFileSync(join(directory, 'usr/lib/i386-linux-gnu/libz.so.1')));
    const found = (await check(directory, '--offline')).findings.filter(({ id }) => id === 'software/local-programs');
    const typed = await typeRemedies(directory, found);
    expectDone(typed);
    expect(saidBy(typed)).toContain('own-1.0.dist-info');
  }));

test('databases that nobody carries over are written out, by programs that come first', () =>
  withRoot('bookworm-minimal', async ({ directory }) => {
    const script = `set -e
apt-get -qq -y install gdbmtool lmdb-utils
printf 'store a b\\n' | gdbmtool --newdb /srv/index.gdbm
printf 'VERSION=3\\nformat=print\\ntype=btree\\nmapsize=1048576\\nHEADER=END\\n a\\n b\\nDATA=END\\n' >/tmp/dump
mkdir -p /srv/keys
mdb_load -f /tmp/dump /srv/keys
dpkg --purge gdbmtool lmdb-utils`;
    const [made] = await inRoot(directory, ['sh', '-c', script]);
    expect(made, made?.stderr).toMatchObject({ exitCode: 0 });
    const wanted = ['data/gdbm', 'data/lmdb'];
    const found = (await check(directory)).findings.filter(({ id }) => wanted.includes(id));
    expect(found.map(({ id }) => id).sort()).toEqual(wanted);
    const typed = await typeRemedies(directory, found);
    expectDone(typed);
    for (const name of ['srv-index.gdbm', 'srv-keys-data.mdb']) {
      expect(existsSync(join(directory, `var/backups/${name}.dump`)), saidBy(typed)).toBe(true);
    }
    // They stay, as is decided then.
    const folder = mkdtempSync(join(tmpdir(), 'remedies-'));
    try {
      writeFileSync(join(folder, 'answers.json'), '{ "other-data": "leave" }');
      expect((await check(directory, '--answers', join(folder, 'answers.json'))).verdict).toBe('ready');
    } finally {
      rmSync(folder, { recursive: true });
    }
  }));

test('a disk that is too full: apt’s archives go where there are any', () =>
  withRoot(
    'bookworm-minimal',
    async ({ directory }) => {
      giveTargetLists(directory);
      const look = async () =>
        (await check(directory, '--offline')).findings.filter(({ id }) => id === 'machine/space');
      const { plan } = await check(directory, '--offline');
      const [disk] = plan?.filesystems ?? [];
      const fill = (path: string) => {
        mkdirSync(dirname(join(directory, path)), { recursive: true });
        const bytes = (disk?.freeBytes ?? 0) - (disk?.neededBytes ?? 0) + 2 ** 25;
        execFileSync('fallocate', ['--length', `${bytes}`, join(directory, path)]);
      };
      fill('/var/cache/apt/archives/big_1_all.deb');
      const found = await look();
      expect(found).toHaveLength(1);
      const typed = await typeRemedies(directory, found);
      expectDone(typed);
      expect(await look(), saidBy(typed)).toEqual([]);
      fill('/srv/big');
      const [other] = await look();
      expect(other && commandsOf(other)).toEqual([]);
      expect(JSON.stringify(other?.remedies)).toContain('apt keeps no archives here');
    },
    2 ** 30,
  ));

test('a system whose /usr is not merged', async () => {
  // The program that merges it does not work on an overlay.
  const directory = mkdtempSync('/var/tmp/remedies-');
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=755', 'remedies', directory]);
  try {
    execFileSync('cp', ['-a', '--one-file-system', `${await pristineRoot('bookworm-minimal')}/.`, directory]);
    const [undone] = await inRoot(directory, [
      'sh',
      '-c',
      'apt-get -qq -y install perl libfile-fcntllock-perl && dpkg-fsys-usrunmess',
    ]);
    expect(undone, undone?.stderr).toMatchObject({ exitCode: 0 });
    const mine = async () => (await check(directory)).findings.filter(({ id }) => id === 'machine/usr-not-merged');
    const found = await mine();
    expect(found).toHaveLength(1);
    const typed = await typeRemedies(directory, found);
    expectDone(typed);
    expect(await mine(), saidBy(typed)).toEqual([]);
    expect((await check(directory)).verdict).toBe('ready');
  } finally {
    execFileSync('umount', [directory]);
    rmSync(directory, { recursive: true });
  }
});
