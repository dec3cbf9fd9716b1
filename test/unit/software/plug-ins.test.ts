import { describe, expect, test } from 'vitest';
import {
  asksForNames,
  isOfTheCLibrary,
  namePattern,
  readNames,
  ShippedLibraries,
} from '../../../src/software/named-libraries.ts';
import { findLonePlugIns } from '../../../src/software/plug-ins.ts';
import { i386ToAmd64 as pair } from '../../support/recorded/hosts.ts';

const merged = [['/lib', '/usr/lib'] as const];
const folder = '/usr/lib/i386-linux-gnu';

describe('what is loaded by name', () => {
  const shipped = new ShippedLibraries(
    [
      ['libpopt0:i386', `/.\n/lib/i386-linux-gnu/libpopt.so.0\n/lib/i386-linux-gnu/libpopt.so.0.0.1`],
      ['gstreamer1.0-x:i386', `${folder}/gstreamer-1.0/libgstx.so`],
      ['libgdk-pixbuf-2.0-0:i386', `${folder}/gdk-pixbuf-2.0/2.10.0/loaders/libpixbufloader-png.so`],
      ['libpam-modules:i386', '/lib/i386-linux-gnu/security/pam_unix.so\n/lib/i386-linux-gnu/security/pam_env.so'],
      ['dev', `${folder}/libpopt.so.txt`],
    ],
    merged,
    pair,
  );
  const owners = (...names: string[]) => shipped.named(names).map(({ owner }) => owner);

  test('is a library, a folder of plug-ins, or a list of those in one', () => {
    expect(owners('libpopt.so.0')).toEqual(['libpopt0:i386']);
    expect(owners(`${folder}/gstreamer-1.0`, `${folder}//gstreamer-1.0/`)).toEqual(['gstreamer1.0-x:i386']);
    expect(owners(`${folder}/gdk-pixbuf-2.0/2.10.0/loaders.cache`)).toEqual(['libgdk-pixbuf-2.0-0:i386']);
  });

  test('is not whatever lies in a folder of all libraries, nor a module of PAM that nothing names', () => {
    expect(owners('libnone.so.1', folder, '/usr/lib', `${folder}/none`, '/lib/i386-linux-gnu/security')).toEqual([]);
    expect(owners('/usr/lib/i386-linux-gnu/security/pam_env.so')).toEqual(['libpam-modules:i386']);
  });

  test('is read file by file', () => {
    const names = readNames('== /opt/a\nlibz.so.1\ngetaddrinfo\n== /opt/b\n');
    expect([...names]).toEqual([
      ['/opt/a', ['libz.so.1', 'getaddrinfo']],
      ['/opt/b', []],
    ]);
    expect([names.get('/opt/a'), names.get('/opt/b'), ['getpwuid']].map((one) => asksForNames(one ?? []))).toEqual([
      true,
      false,
      true,
    ]);
    expect(['/lib/i386-linux-gnu/libc.so.6', '/lib/libcap.so.2'].map(isOfTheCLibrary)).toEqual([true, false]);
  });

  test('stands in a file as a plain string', () => {
    const text = `\0libpulse-simple.so.0\0cannot open libfoo++.so: ${folder}/sane:/usr/lib/sane\0getpwnam_r\0liblib.software`;
    expect([...text.matchAll(new RegExp(namePattern(pair), 'g'))].map(([found]) => found)).toEqual([
      'libpulse-simple.so.0',
      'libfoo++.so',
      `${folder}/sane`,
      'getpwnam',
    ]);
  });
});

describe('a plug-in that stays', () => {
  const plugIn = { path: `${folder}/sane/libsane-vendor.so.1`, package: 'vendor' } as const;
  const own = { path: `${folder}/vendor/parts/libpart.so`, package: 'vendor' } as const;
  const library = { path: `${folder}/libvendor.so.1`, package: 'vendor' } as const;
  const lists = new Map([
    ['libsane1', `${folder}\n/lib/i386-linux-gnu/sane\n${folder}/sane/libsane-epson.so.1`],
    ['other', `/usr/lib\n${folder}\n/usr/lib/other`],
  ]);
  const find = (...used: string[]) =>
    findLonePlugIns([plugIn, own, library], lists, new Set(used), merged, 'i386-linux-gnu');

  test('is alone where the plug-ins of packages lie that go over; one for its own program is not', () => {
    expect(find()).toEqual([{ ...plugIn, folder: `${folder}/sane`, beside: ['libsane1'] }]);
  });

  test('is not alone where a program that stays loads from there', () => {
    expect(find(`${folder}/sane`)).toEqual([]);
    expect(find(`${folder}/sane/list.cache`)).toEqual([]);
    expect(find('/usr/lib/sane', folder)).toHaveLength(1);
  });
});
