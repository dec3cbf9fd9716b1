import { expect, test } from 'vitest';
import type { RootPath } from '../../../src/base/root.ts';
import { judgeFileList } from '../../../src/dpkg/file-lists.ts';
import { findLostFileLists } from '../../../src/dpkg/system/lost-file-lists.ts';
import { MemoryMachine } from '../../support/recorded/memory-machine.ts';
import { installed } from '../../support/roots/packages.ts';

test('a file list is judged as dpkg reads it', () => {
  expect(judgeFileList('/.\n/usr\n/usr/bin/x\n', true)).toBeUndefined();
  expect(judgeFileList(undefined, false)).toBe('missing');
  expect(judgeFileList('', true)).toBe('empty');
  // A package may have no files at all.
  expect(judgeFileList('', false)).toBeUndefined();
  expect(judgeFileList('/.\n/usr/bi', true)).toBe('damaged');
  expect(judgeFileList('/.\n\n/usr\n', true)).toBe('damaged');
  expect(judgeFileList('\0\0\n', true)).toBe('damaged');
});

function machineWith(texts: Readonly<Record<string, string>>): MemoryMachine {
  const machine = new MemoryMachine();
  for (const [path, text] of Object.entries(texts)) machine.files.set(path as RootPath, text);
  return machine;
}

const info = '/var/lib/dpkg/info';
const packages = [
  installed('zlib1g:i386', { 'Multi-Arch': 'same' }),
  installed('grep:i386'),
  installed('nano:i386'),
  installed('sed:i386'),
  installed('meta:all'),
  installed('gone:i386', { Status: 'deinstall ok config-files' }),
  installed('half:i386', { Status: 'install reinstreq half-installed' }),
];
const files = {
  '/usr/bin/dpkg': '',
  // Of another package than zlib1g:i386.
  [`${info}/zlib1g.list`]: '/.\n',
  [`${info}/grep.list`]: '',
  [`${info}/grep.md5sums`]: 'd41d8cd98f00b204e9800998ecf8427e  bin/grep\n',
  [`${info}/nano.list`]: '/.\n/bin/na',
  [`${info}/sed.list`]: '/.\n/bin/sed\n',
  [`${info}/meta.list`]: '',
};

test('lost file lists are found under the names that dpkg gives them', async () => {
  expect(await findLostFileLists(machineWith(files), packages)).toEqual([
    { package: 'zlib1g:i386', path: `${info}/zlib1g:i386.list`, how: 'missing' },
    { package: 'grep:i386', path: `${info}/grep.list`, how: 'empty' },
    { package: 'nano:i386', path: `${info}/nano.list`, how: 'damaged' },
  ]);
});

test('where only files of dpkg were recorded, no list is missing', async () => {
  expect(await findLostFileLists(machineWith({}), packages)).toEqual([]);
});
