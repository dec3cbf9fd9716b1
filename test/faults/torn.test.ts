import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inRoot } from '../support/roots/rebuilt-package.ts';
import { type FrozenRoot, freshRoot, snapshot } from '../support/roots/roots.ts';
import { must } from '../support/roots/taken-over.ts';
import { expectTakenOver, report } from '../support/runs/expect-taken-over.ts';
import { crossgradeAsText, withRoot } from '../support/runs/faults.ts';

/** Builds for the target, given to dpkg one group after the other, whatever it says. */
function giveToDpkg(directory: string, ...groups: readonly (readonly string[])[]): void {
  const names = groups.flat().map((name) => `${name}:amd64`);
  must(
    directory,
    `set -e\ndpkg --add-architecture amd64\napt-get -q update\ncd /tmp\napt-get -q download ${names.join(' ')}`,
  );
  for (const group of groups) {
    inRoot(directory, 'sh', '-c', `cd /tmp && dpkg --install ${group.map((name) => `${name}_*_amd64.deb`).join(' ')}`);
  }
  must(directory, 'rm /tmp/*.deb');
}

const libc = ['libc6', 'libgcc-s1', 'gcc-12-base', 'libcrypt1'];

describe('apt of the target is unpacked without its libraries, and does not start', () => {
  let torn: FrozenRoot;
  beforeAll(async () => {
    const root = await freshRoot('bookworm-minimal');
    giveToDpkg(root.directory, libc, ['passwd', 'apt']);
    expect(inRoot(root.directory, 'apt-get', '--version').code).toBe(127);
    torn = await snapshot(root);
  });
  afterAll(() => torn?.dispose());

  test('check and status say what is there, and that it is gone on with; no remedy names apt', () =>
    withRoot(torn, async ({ directory }) => {
      const { verdict, findings } = report(directory);
      expect(verdict).toBe('ready');
      expect(findings.map(({ id, severity }) => `${severity} ${id}`)).toEqual([
        'warning packages/taken-over',
        'note packages/stand-in',
      ]);
      expect(findings.flatMap(({ remedies }) => remedies.map(({ command }) => command ?? ''))).not.toContain(
        expect.stringContaining('apt-get'),
      );
      const { text } = await crossgradeAsText(directory, 'status');
      expect(text).toMatch(
        /^A crossgrade was begun by other means, and dpkg has not finished with apt:amd64\s+and passwd:amd64\.\nNext: /,
      );
    }));

  test.each(['libraries', 'core', 'purge'])('it is converted, though all is killed in the wave %s', (wave) =>
    withRoot(torn, async ({ directory }) => {
      await expectTakenOver(directory, wave);
      const { text } = await crossgradeAsText(directory, 'verify');
      expect(text).toContain('All is as it was, but for what has a reason.');
    }),
  );

  test('without package lists it is refused, with a way that works', () =>
    withRoot(torn, async ({ directory }) => {
      const lists = join(directory, 'var/lib/apt/lists');
      const kept = join(directory, 'var/tmp/kept-lists');
      must(directory, 'cp -a /var/lib/apt/lists /var/tmp/kept-lists');
      for (const name of readdirSync(lists)) if (name.endsWith('_Packages')) rmSync(join(lists, name));
      const { verdict, findings } = report(directory);
      expect(verdict).toBe('blocked');
      const found = findings.find(({ id }) => id === 'packages/programs-stopped');
      const [, file] = /dpkg --install (\S+) here/.exec(found?.remedies[0]?.hint ?? '') ?? [];
      expect(file).toMatch(/^apt_.*_i386\.deb$/);
      // On another machine: this one's lists know where it is.
      const index = readdirSync(kept).find((name) => name.endsWith('bookworm_main_binary-i386_Packages')) ?? '';
      const path = new RegExp(`^Filename: (\\S+/${file?.replaceAll('.', '\\.')})$`, 'm').exec(
        readFileSync(join(kept, index), 'utf8'),
      )?.[1];
      const [, mirror] = /^deb (\S+)/.exec(readFileSync(join(directory, 'etc/apt/sources.list'), 'utf8')) ?? [];
      const archive = await (await fetch(`${mirror}/${path}`)).arrayBuffer();
      writeFileSync(join(directory, 'tmp', `${file}`), Buffer.from(archive));
      must(directory, `cd /tmp && dpkg --install ${file} && apt-get -q update`);
      const after = report(directory);
      expect(after.verdict).toBe('ready');
      expect(after.findings.map(({ id }) => id)).not.toContain('packages/programs-stopped');
    }));
});

describe('gpgv of the target is unpacked without its libraries: apt starts, and believes no repository', () => {
  test('it is converted, though all is killed in the wave libraries', () =>
    withRoot('bookworm-minimal', async ({ directory }) => {
      giveToDpkg(directory, libc, ['gpgv']);
      expect(inRoot(directory, 'gpgv', '--version').code).toBe(127);
      expect(inRoot(directory, 'apt-get', 'update').text).toMatch(
        /Unknown error executing apt-key|not signed|NO_PUBKEY/,
      );
      expect(report(directory)).toMatchObject({ verdict: 'ready' });
      await expectTakenOver(directory, 'libraries');
    }));
});

describe('dpkg lacks a library', () => {
  test('it is refused, and the commands that are named bring it back', () =>
    withRoot('bookworm-minimal', async ({ directory }) => {
      must(directory, 'dpkg --purge --force-all libmd0:i386');
      expect(inRoot(directory, 'dpkg', '--version').code).toBe(127);
      const { verdict, findings } = report(directory);
      expect(verdict).toBe('blocked');
      const [hint, command] = findings.find(({ id }) => id === 'packages/programs-stopped')?.remedies ?? [];
      const [, address = ''] = /Fetch (\S+\.deb) on/.exec(hint?.hint ?? '') ?? [];
      const file = join(directory, 'var/tmp', address.replace(/.*\//, ''));
      writeFileSync(file, Buffer.from(await (await fetch(address)).arrayBuffer()));
      execFileSync('dpkg-deb', ['--extract', file, join(directory, 'var/tmp/lent')]);
      execFileSync('sh', ['-c', command?.command ?? 'false'], { stdio: 'ignore' });
      must(directory, 'rm -r /var/tmp/lent && dpkg --version && apt-get check');
      expect(report(directory).verdict).toBe('ready');
    }));
});

describe('a library of the target is half-configured, since its script failed', () => {
  test('it is converted, and its script has another try', () =>
    withRoot('bookworm-minimal', async ({ directory }) => {
      // As a script does that wants what is not there yet.
      must(
        directory,
        `set -e
dpkg --add-architecture amd64
apt-get -q update
cd /tmp
apt-get -q download ${[...libc, 'libmd0'].map((name) => `${name}:amd64`).join(' ')}
dpkg-deb --raw-extract libmd0_*_amd64.deb broken
printf '#!/bin/sh\\ntest -e /var/tmp/mended\\n' > broken/DEBIAN/postinst
chmod 755 broken/DEBIAN/postinst
rm libmd0_*.deb
dpkg-deb --build broken libmd0_broken.deb
dpkg --install lib*.deb gcc*.deb && exit 1
rm -r broken *.deb`,
      );
      expect(must(directory, "dpkg-query -W -f '${db:Status-Status}' libmd0:amd64")).toBe('half-configured');
      expect(report(directory)).toMatchObject({ verdict: 'ready' });
      must(directory, 'touch /var/tmp/mended');
      await expectTakenOver(directory, 'libraries');
    }));
});

describe('the loader of the target is not there at all', () => {
  test('apt is unpacked, and is converted', () =>
    withRoot('bookworm-minimal', async ({ directory }) => {
      giveToDpkg(directory, ['apt']);
      expect(inRoot(directory, 'apt-get', '--version').code).toBe(127);
      expect(report(directory)).toMatchObject({ verdict: 'ready' });
      await expectTakenOver(directory, 'core');
    }));
});
