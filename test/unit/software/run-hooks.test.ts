import { expect, test } from 'vitest';
import { calledPrograms, lineForBoth, oneSidedPaths } from '../../../src/software/run-hooks.ts';
import { i386ToAmd64 as pair } from '../../support/recorded/hosts.ts';

const library = '/usr/lib/i386-linux-gnu/libown.so.1';

test('paths of the old architecture are found, but for those that stand beside the new one, and in comments', () => {
  const text = [
    '#!/bin/sh',
    '# /usr/lib/i386-linux-gnu/libcomment.so.1',
    `copy_exec ${library}`,
    'cp -a /lib/i386-linux-gnu/security/* "$DESTDIR"',
    'exec /lib/ld-linux.so.2 --verify /sbin/x',
    '[ -e /lib/i386-linux-gnu/libtwo.so.2 ] || copy_exec /lib/x86_64-linux-gnu/libtwo.so.2',
    'for file in /usr/lib/*/libfine.so.1; do copy_exec "$file"; done',
    'echo /srv/mirror/i386-linux-gnu-tools /boot/vmlinuz',
  ].join('\n');
  expect(oneSidedPaths(text, pair)).toEqual([
    { line: 3, path: library },
    { line: 4, path: '/lib/i386-linux-gnu/security/*' },
    { line: 5, path: '/lib/ld-linux.so.2' },
  ]);
});

test('a single command gets a line that works in both, and anything else none', () => {
  const line = 'for file in /usr/lib/*/libown.so.1; do copy_exec "$file"; done';
  expect(lineForBoth('initramfs', `  copy_exec ${library}`, library, pair)).toBe(line);
  expect(lineForBoth('kernel', `copy_exec "${library}"`, library, pair)).toBe(line);
  for (const content of [
    `if test -e ${library}; then`,
    `LIBRARY=${library}`,
    `copy_exec ${library} && echo done`,
    `copy_exec ${library} \\`,
    `LD_PRELOAD=${library} tool`,
    `echo '${library}'`,
  ]) {
    expect(lineForBoth('initramfs', content, library, pair), content).toBeUndefined();
  }
  // No shell reads it.
  expect(lineForBoth('udev', `RUN+= ${library}`, library, pair)).toBeUndefined();
});

test('programs are what stands where a command does', () => {
  const text =
    'if digitrace --quick; then\n  x=$(atlc 5) && tool | other\n  copy_exec sneaky /bin\nfi\necho nothing\n# digi\n';
  expect(calledPrograms(text).map(({ line, name }) => `${line} ${name}`)).toEqual([
    '1 if',
    '1 digitrace',
    '1 then',
    '2 atlc',
    '2 tool',
    '2 other',
    '3 copy_exec',
    '3 sneaky',
    '4 fi',
    '5 echo',
  ]);
});
