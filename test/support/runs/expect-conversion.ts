import { chmodSync, existsSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { readRootState } from '../roots/root-state.ts';
import {
  alarmingLines,
  carried,
  comparisonIn,
  convert,
  foreignElf,
  inRoot,
  installedIn,
  instancesIn,
  markSome,
  marksOf,
  textIn,
} from './conversion.ts';
import { expectPredictedDisk } from './disk-use.ts';
import { initramfsElfClasses } from './elf.ts';
import { crossgradeAsText } from './faults.ts';

const buildsFile = '/var/log/initramfs-builds';

export interface ConversionOptions {
  /** A file. */
  readonly answers?: string;
  /** Titles of the warnings that the report may give: such packages may be among the installed ones. */
  readonly warnings?: readonly string[];
  /** Scripts of packages that nobody has looked at may print what they like; dpkg may not. */
  readonly anyScripts?: boolean;
}

/** Crossgrades a fresh root, whose changes are in memory, and looks at everything that a crossgrade promises. */
export async function expectConversion(
  directory: string,
  { answers, warnings = [], anyScripts = false }: ConversionOptions = {},
): Promise<void> {
  countInitramfsBuilds(directory);
  await markSome(directory);
  const marks = await marksOf(directory);
  const namesBefore = installedIn(directory).map((one) => one.name);

  const options = answers === undefined ? [] : ['--answers', answers];
  const { ending, plan, archiveBytes } = await expectPredictedDisk(directory, options, () =>
    convert(directory, ...options),
  );
  if (plan === undefined) throw new Error('No plan was stored at the start');

  expect(archiveBytes).toBe(plan.downloadBytes);
  const now = instancesIn(directory);
  expect(now).toEqual(plan.endState);
  expect(Object.keys(now).filter((key) => key.endsWith(':i386'))).toEqual([]);
  expect(installedIn(directory).filter((one) => one.state !== 'installed')).toEqual([]);
  expect(await marksOf(directory)).toEqual(carried(marks, plan));
  await expectContentPackageManagers(directory);
  expect(comparisonIn(directory).differences.filter((one) => one.explanation === null)).toEqual([]);
  expectNothingOldLeft(directory);
  expectInitramfs(directory);
  const names = [...namesBefore, ...installedIn(directory).map((one) => one.name)];
  const alarming = alarmingLines(directory, ending.text, names, warnings);
  expect(alarming.filter((line) => !anyScripts || !/^dpkg\.log: (?!dpkg)/.test(line))).toEqual([]);
  await expectVerified(directory);
}

/** A hook that says so when an initramfs is built, whoever builds it. */
function countInitramfsBuilds(directory: string): void {
  const folder = join(directory, 'etc/initramfs-tools');
  if (!existsSync(folder)) return;
  const hook = join(folder, 'hooks/count-builds');
  writeFileSync(hook, `#!/bin/sh\n[ "$1" = prereqs ] && exit 0\necho "$version" >> ${buildsFile}\n`);
  chmodSync(hook, 0o755);
  // Most of the time would go into compression.
  writeFileSync(join(folder, 'conf.d/quick'), 'COMPRESS=gzip\nCOMPRESSLEVEL=1\n');
}

async function expectContentPackageManagers(directory: string): Promise<void> {
  const silent = { exitCode: 0, stdout: '', stderr: '' };
  expect(
    await inRoot(
      directory,
      ['dpkg', '--print-architecture'],
      ['dpkg', '--print-foreign-architectures'],
      ['dpkg', '--audit'],
      ['apt-get', '-qq', 'check'],
    ),
  ).toEqual([{ ...silent, stdout: 'amd64\n' }, silent, silent, silent]);
  for (const path of [
    '/etc/apt/apt.conf.d/00crossgrade-guard',
    '/etc/apt/apt.conf.d/99crossgrade-no-recommends',
    '/var/cache/crossgrade',
  ]) {
    expect(existsSync(join(directory, path)), path).toBe(false);
  }
}

/** Programs of the old class are only those that the report names, and the old libraries' folder is gone. */
function expectNothingOldLeft(directory: string): void {
  const told = comparisonIn(directory).differences.map(({ what }) => what);
  for (const [owner, files] of foreignElf(directory, 32)) {
    const head = owner === '' ? '32-bit programs that belong to no package: ' : `32-bit programs in ${owner}: `;
    const named = told.filter((what) => what.startsWith(head)).map((what) => countPaths(what.slice(head.length)));
    expect(named, `${owner}: ${files[0]?.path}`).toEqual([files.length]);
  }
  expect(existsSync(join(directory, 'usr/lib/i386-linux-gnu'))).toBe(false);
  // Since Debian 13 libc6 diverts its own loader.
  expect(textIn(directory, '/var/lib/dpkg/diversions')).not.toContain('/ld-linux.so.2');
}

/** `/a /b /c and 3 more` are six. */
function countPaths(list: string): number {
  const more = / and (\d+) more$/.exec(list)?.[1];
  return list.split(' ').filter((word) => word.startsWith('/')).length + Number(more ?? 0);
}

/** Every kernel has one image of 64-bit programs, which was built once. */
function expectInitramfs(directory: string): void {
  const boot = readdirSync(join(directory, 'boot'));
  const kernels = boot.filter((name) => name.startsWith('vmlinuz-')).map((name) => name.slice('vmlinuz-'.length));
  expect(kernels.every((version) => version.endsWith('-amd64'))).toBe(true);
  expect(boot.filter((name) => name.startsWith('initrd.img-')).sort()).toEqual(
    kernels.map((version) => `initrd.img-${version}`).sort(),
  );
  // Before anything is replaced one is built for a trial, for a kernel that there is then, and thrown away.
  const built = textIn(directory, buildsFile).split('\n').slice(0, -1);
  expect(built.filter((version) => kernels.includes(version))).toEqual(kernels);
  expect(built.filter((version) => !kernels.includes(version)).length).toBeLessThanOrEqual(1);
  // As the kernel's package makes them, in a root where the old kernel had them.
  for (const name of kernels.length > 0 ? ['initrd.img', 'initrd.img.old'] : []) {
    expect(readlinkSync(join(directory, name))).toBe(`boot/initrd.img-${kernels[0]}`);
  }
  for (const version of kernels) {
    const programs = initramfsElfClasses(directory, `/boot/initrd.img-${version}`);
    expect(programs.length).toBeGreaterThan(10);
    expect(programs.filter((file) => file.bits !== 64)).toEqual([]);
  }
}

async function expectVerified(directory: string): Promise<void> {
  const before = readRootState(directory);
  const ending = await crossgradeAsText(directory, 'verify');
  expect(ending.code, ending.text).toBe(0);
  const again = await crossgradeAsText(directory, 'run', '--yes');
  expect(again.text).toContain('This system is amd64 already.');
  expect(again.code).toBe(3);
  expect(readRootState(directory)).toEqual(before);
}
