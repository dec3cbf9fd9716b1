import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { archiveFolder, stateFolder } from '../../src/core/paths.ts';
import type { Archive } from '../../src/core/plan.ts';
import { download } from '../../src/engine/download.ts';
import { inRoot } from '../support/conversion.ts';
import { crossgrade, tail } from '../support/faults.ts';
import { performOn } from '../support/perform-on.ts';
import { archivePath, makeLocalRepository, packageName } from '../support/repository.ts';
import { type FreshRoot, freshRoot } from '../support/roots.ts';

let root: FreshRoot;
const file = archivePath('amd64');
const fileName = `${packageName}_1.0_amd64.deb`;
const inside = (path: string) => join(root.directory, path);

beforeEach(async () => {
  root = await freshRoot('bookworm-minimal');
  await makeLocalRepository(root.directory, ['i386', 'amd64']);
});

afterEach(() => root.dispose());

/** The archive is a file of its own, and the repository has what it had. */
function expectCopied(original: Buffer): void {
  const copy = inside(join(archiveFolder, fileName));
  expect(lstatSync(copy).isFile()).toBe(true);
  expect(readFileSync(copy).equals(original)).toBe(true);
  expect(readFileSync(inside(`srv/repository/${file}`)).equals(original)).toBe(true);
}

describe.each(['file', 'copy'])('an archive of a %s: repository', (transport) => {
  test.each(['nothing', 'a link to it'])('is copied where there is %s', async (there) => {
    const original = readFileSync(inside(`srv/repository/${file}`));
    if (there !== 'nothing') {
      mkdirSync(inside(archiveFolder), { recursive: true });
      symlinkSync(`/srv/repository/${file}`, inside(join(archiveFolder, fileName)));
    }
    const sha256 = createHash('sha256').update(original).digest('hex');
    const archive = { key: `${packageName}:amd64`, uri: `${transport}:/srv/repository/${file}`, fileName, sha256 };
    const done = await performOn(
      root.directory,
      async (performance) => {
        await performance.machine.makeDirectory(stateFolder, 0o700);
        await download(performance, [{ ...archive, bytes: original.length } as Archive]);
      },
      { step: 'prepare/download-archives' },
    );
    expect(done).not.toHaveProperty('failure');
    expectCopied(original);
  });
});

test('a run finds the packages of a file: repository', async () => {
  writeFileSync(inside('etc/apt/sources.list.d/shop.list'), 'deb [trusted=yes] file:/srv/repository test main\n');
  for (const argv of [['update'], ['-y', 'install', packageName]]) {
    expect((await inRoot(root.directory, ['apt-get', '-qq', ...argv]))[0]).toMatchObject({ exitCode: 0 });
  }
  const original = readFileSync(inside(`srv/repository/${file}`));
  const prepared = await crossgrade(root.directory, 'run', '--yes', '--until', 'prepare');
  expect(prepared, tail(prepared)).toMatchObject({ code: 0 });
  expectCopied(original);
});
