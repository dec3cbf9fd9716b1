import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { serveRepository } from '../support/roots/repository.ts';
import { freshRoot } from '../support/roots/roots.ts';
import { tinyPackage } from '../support/roots/tiny-package.ts';
import { inRoot } from '../support/runs/conversion.ts';
import { withRoot } from '../support/runs/faults.ts';
import { check, expectDone, saidBy, typeRemedies } from '../support/runs/type-remedies.ts';

function put(directory: string, path: string, content: string | Buffer): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), content);
}

async function install(directory: string, fields: Readonly<Record<string, string>>, file: string): Promise<void> {
  put(directory, '/tmp/tiny.deb', tinyPackage({ fields: { Version: '1', ...fields }, files: { [file]: 'own\n' } }));
  const [result] = await inRoot(directory, ['dpkg', '--install', '/tmp/tiny.deb']);
  if (result?.exitCode !== 0) throw new Error(result?.stderr);
}

test('lost and damaged lists of files, immutable files, sources that are gone or have no packages for the target', async () => {
  const root = await freshRoot('bookworm-minimal');
  const { directory } = root;
  const served = await serveRepository(directory, ['i386']);
  try {
    const lists = join(directory, 'var/lib/dpkg/info');
    rmSync(join(lists, 'hostname.list'));
    truncateSync(join(lists, 'mount.list'), 20);
    put(directory, '/etc/apt/sources.list.d/gone.list', 'deb file:/gone bookworm main\n');
    const stanza = (uri: string) => `Types: deb\nURIs: ${uri}\nSuites: test\nComponents: main\nTrusted: yes\n`;
    // The second one says that it is enabled; between them is what is right.
    put(
      directory,
      '/etc/apt/sources.list.d/own.sources',
      [stanza(served.url), stanza(`${served.url}/`).replace('Types', 'Enabled: yes\nTypes')].join('\n'),
    );
    await inRoot(directory, ['sh', '-c', 'chattr +i /usr/bin/tac /usr/sbin/[a-e]*; chattr +a /etc/cron.daily']);
    const wanted = [
      'machine/immutable',
      'packages/file-list-lost',
      'packages/repository-fails',
      'packages/repository-without-target',
    ];
    const blockers = async () => (await check(directory)).findings.filter(({ severity }) => severity === 'blocker');
    const found = await blockers();
    // What has no list seems to be in no package.
    expect(found.map(({ id }) => id).filter((id) => id !== 'software/local-libraries')).toEqual(wanted);

    const typed = await typeRemedies(directory, found);
    expectDone(typed);
    expect(await blockers(), saidBy(typed)).toEqual([]);
    expect((await check(directory)).verdict).toBe('ready');
  } finally {
    await inRoot(directory, ['sh', '-c', 'chattr -ia /usr/bin/tac /usr/sbin/[a-e]* /etc/cron.daily']);
    await served.close();
    await root.dispose();
  }
});

test('upgrades that are pending, a package that has to be installed again, an archive without it', () =>
  withRoot('bookworm-minimal', async ({ directory }) => {
    const served = await serveRepository(directory, ['i386', 'amd64']);
    try {
      put(directory, '/etc/apt/sources.list.d/own.list', served.source);
      await install(directory, { Package: 'crossgrade-test-tool', Architecture: 'i386', Version: '0.9' }, 'opt/tool');
      const found = (await check(directory)).findings.filter(({ id }) => id === 'packages/pending-upgrades');
      expect(found).toHaveLength(1);
      const typed = await typeRemedies(directory, found);
      expectDone(typed);
      expect((await check(directory)).verdict, saidBy(typed)).toBe('ready');
    } finally {
      await served.close();
    }
  }));

test('headers for the modules that DKMS builds', async () => {
  const packages = ['linux-image-686-pae', 'initramfs-tools'];
  await withRoot({ suite: 'bookworm', packages }, async ({ directory }) => {
    await install(directory, { Package: 'dkms', Architecture: 'all', Version: '9999' }, 'usr/sbin/dkms');
    await install(directory, { Package: 'own-dkms', Architecture: 'all', Depends: 'dkms' }, 'usr/src/own');
    const mine = async () =>
      (await check(directory)).findings.filter(({ id }) => id === 'packages/dkms-without-headers');
    const found = await mine();
    expect(found).toHaveLength(1);
    const typed = await typeRemedies(directory, found);
    expectDone(typed);
    expect(await mine(), saidBy(typed)).toEqual([]);
    expect((await check(directory)).verdict).toBe('ready');
  });
});

test('what only shows something runs, and names what it is about', () =>
  withRoot('bookworm-minimal', async ({ directory }) => {
    await inRoot(directory, ['dpkg', '--add-architecture', 'armhf'], ['dpkg', '--add-architecture', 'amd64']);
    await install(directory, { Package: 'arm-tool', Architecture: 'armhf' }, 'opt/arm');
    await install(directory, { Package: 'early-tool', Architecture: 'amd64' }, 'opt/early');
    put(directory, '/etc/apt/preferences.d/own', 'Package: sed\nPin: version 4.9*\nPin-Priority: 600\n');
    const about: Readonly<Record<string, string>> = {
      'packages/third-architecture': 'arm-tool',
      'packages/pinned': 'sed',
      'packages/foreign-packages': 'early-tool',
    };
    const found = (await check(directory)).findings.filter(({ id }) => id in about);
    expect(found.map(({ id }) => id)).toEqual(Object.keys(about));
    const typed = await typeRemedies(directory, found);
    expectDone(typed);
    for (const { id, result } of typed) expect(result.stdout, id).toContain(about[id]);
  }));
