import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readFailures, readStatusLine } from '../../../src/dpkg/system/dpkg-log.ts';

function recorded(name: string): string {
  return readFileSync(new URL(`../../../fixtures/dpkg/${name}`, import.meta.url), 'utf8');
}

describe('failures in what dpkg said', () => {
  test('are the packages, dpkg’s sentence and the script’s own output', () => {
    const failures = readFailures(recorded('install.log'));
    expect(failures.map((one) => one.package)).toEqual([
      'predepender.deb',
      'clashing.deb',
      'preinst-fails.deb',
      'failing',
      'depender',
    ]);
    expect(failures.find((one) => one.package === 'failing')).toEqual({
      package: 'failing',
      message: 'installed failing package post-installation script subprocess returned error exit status 1',
      output: ['Setting up failing (1) ...', 'Creating the database ...', 'failing: cannot reach the database'],
      consequence: false,
    });
    expect(failures.find((one) => one.package === 'preinst-fails.deb')?.output).toEqual([
      'Preparing to unpack preinst-fails.deb ...',
      'preinst-fails: no room for it',
    ]);
  });

  test('tell what failed by itself from what failed because of that', () => {
    const consequences = readFailures(recorded('install.log')).filter((one) => one.consequence);
    expect(consequences.map((one) => one.package)).toEqual(['predepender.deb', 'depender']);
    expect(consequences.flatMap((one) => one.output)).toEqual([]);
  });

  test('are found when packages are removed', () => {
    expect(readFailures(recorded('purge.log'))).toEqual([
      {
        package: 'prerm-fails',
        message: 'installed prerm-fails package pre-removal script subprocess returned error exit status 7',
        output: ['Removing prerm-fails (1) ...', 'stopping it did not work'],
        consequence: false,
      },
    ]);
  });

  test('are none in what went well', () => {
    expect(readFailures('Setting up fine (1) ...\nProcessing triggers for libc-bin (2.36-9) ...\n')).toEqual([]);
    expect(readFailures('')).toEqual([]);
  });
});

describe('status lines', () => {
  const lines = recorded('install.status').trimEnd().split('\n').map(readStatusLine);

  test('give what is being done with which package', () => {
    const progress = lines.flatMap((line) => (line && line.kind !== 'error' ? [`${line.kind} ${line.package}`] : []));
    expect(progress).toEqual([
      'unpacking failing',
      'unpacking depender',
      'unpacking clashing',
      'unpacking preinst-fails',
      'unpacking fine',
      'unpacking prerm-fails',
      'configuring failing',
      'configuring fine',
      'configuring prerm-fails',
    ]);
  });

  test('give errors', () => {
    const errors = lines.filter((line) => line?.kind === 'error').map((line) => line?.package);
    expect(errors).toEqual(['predepender.deb', 'clashing.deb', 'preinst-fails.deb', 'failing', 'depender']);
  });

  test.each([
    ['processing: install: libc6:amd64', { kind: 'unpacking', package: 'libc6:amd64' }],
    ['processing: upgrade: git:i386', { kind: 'unpacking', package: 'git' }],
    ['processing: purge: libc6:i386', { kind: 'removing', package: 'libc6:i386' }],
    ['processing: trigproc: man-db', { kind: 'triggers', package: 'man-db' }],
    ['processing: disappear: x', undefined],
    ['status: libc6:amd64: unpacked', undefined],
    ['', undefined],
  ])('%s', (line, wanted) => {
    expect(readStatusLine(line)).toEqual(wanted);
  });
});
