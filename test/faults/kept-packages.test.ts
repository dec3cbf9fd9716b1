import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FreshRoot, freshRoot } from '../support/roots/roots.ts';
import { comparisonIn, convert, inRoot } from '../support/runs/conversion.ts';
import { plentyBytes } from '../support/runs/faults.ts';

/** Packages of the source that say nothing of what they load, as vendors ship them. */
let root: FreshRoot;
let folder: string;

async function install(name: string, program: string): Promise<void> {
  const tree = join(root.directory, 'tmp', name);
  mkdirSync(join(tree, 'DEBIAN'), { recursive: true });
  mkdirSync(join(tree, 'opt', name), { recursive: true });
  writeFileSync(
    join(tree, 'DEBIAN/control'),
    `Package: ${name}\nVersion: 1\nArchitecture: i386\nMaintainer: nobody <nobody@mirror.example>\nDescription: says nothing of what it needs\n`,
  );
  cpSync(join(root.directory, program), join(tree, 'opt', name, 'program'));
  writeFileSync(join(tree, 'opt', name, 'script'), '#!/bin/sh\necho fine\n', { mode: 0o755 });
  const results = await inRoot(
    root.directory,
    ['dpkg-deb', '--root-owner-group', '-b', `/tmp/${name}`, `/tmp/${name}.deb`],
    ['dpkg', '-i', `/tmp/${name}.deb`],
    ['rm', '-r', `/tmp/${name}`],
  );
  expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kept-packages-'));
  root = await freshRoot('bookworm-minimal', { memoryBytes: plentyBytes });
  await install('vendor-tool', '/usr/bin/true');
  // Loads more than the C library.
  await install('vendor-archiver', '/usr/bin/dpkg-deb');
});

afterAll(async () => {
  await root?.dispose();
  rmSync(folder, { recursive: true });
});

test('what packages that stay load stays as well, although they do not depend on it', async () => {
  const answers = join(folder, 'answers.json');
  writeFileSync(answers, JSON.stringify({ 'no-counterpart': 'keep', 'residual-config': 'purge' }));
  const { ending } = await convert(root.directory, '--answers', answers);
  expect(ending.code, ending.text.slice(-3000)).toBe(0);
  const results = await inRoot(
    root.directory,
    ['dpkg', '--print-architecture'],
    ['/opt/vendor-tool/program'],
    ['/opt/vendor-archiver/program', '--version'],
    ['/opt/vendor-tool/script'],
    ['dpkg-query', '--show', '--showformat=${db:Status-Status}', 'liblzma5:i386'],
    ['apt-get', '-qq', '--simulate', 'autoremove'],
  );
  expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0, 0, 0]);
  expect(results[0]?.stdout).toBe('amd64\n');
  expect(results[4]?.stdout).toBe('installed');
  expect(results[5]?.stdout).not.toContain(':i386');
  expect(comparisonIn(root.directory).differences.filter(({ explanation }) => explanation === null)).toEqual([]);

  // Somebody takes away what they load: the comparison says so, of the package by name.
  await inRoot(root.directory, ['dpkg', '--purge', '--force-depends', 'liblzma5:i386']);
  const { crossgradeAsText } = await import('../support/runs/faults.ts');
  const report = join(folder, 'verify.json');
  await crossgradeAsText(root.directory, 'verify', '--json', report);
  expect(readFileSync(report, 'utf8')).toContain(
    'vendor-archiver stays in i386, but does not start any more: liblzma.so.5 not found',
  );
});
