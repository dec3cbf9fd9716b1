import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { inRoot } from '../support/runs/conversion.ts';
import { withRoot } from '../support/runs/faults.ts';
import { check, expectDone, saidBy, typeRemedies } from '../support/runs/type-remedies.ts';

function put(directory: string, path: string, content: string | Buffer): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), content);
}

test('what is set for paths of the old architecture: diversions, modes, the loader', () =>
  withRoot('bookworm-minimal', async ({ directory }) => {
    const divert = (path: string) => ['dpkg-divert', '--local', '--no-rename', '--divert', `${path}.old`, '--add', path];
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
