import { expect, test } from 'vitest';
import { architectureTests, pathsWithArchitecture } from '../../../src/software/named-paths.ts';
import { i386ToAmd64 as pair } from '../../support/recorded/hosts.ts';

test('folders with the name of the architecture are found, up to that name', () => {
  const text = [
    'JAVA_HOME=/usr/lib/jvm/java-17-openjdk-i386/bin/java',
    '# /usr/lib/jvm/java-8-openjdk-i386',
    'prefix=/boot/grub/i386-pc /usr/lib/i386-linux-gnu /usr/lib/xi386',
    'X=/opt/tool_i386.d/x',
  ].join('\n');
  expect(pathsWithArchitecture(text, 'i386')).toEqual([
    { line: 1, path: '/usr/lib/jvm/java-17-openjdk-i386' },
    { line: 4, path: '/opt/tool_i386.d' },
  ]);
});

test('questions for the architecture are found', () => {
  const text = [
    'if [ "$(uname -m)" = i686 ]; then',
    'arch=$(dpkg --print-architecture)',
    'apt-get install -y libfoo1:i386',
    'case $(getconf LONG_BIT) in 32) ;; esac',
    'uname -r',
    'ls /usr/lib/i386-linux-gnu /usr/lib/jvm/java-17-openjdk-i386/bin',
    '[ "$arch" = i686 ] && exit',
    '# uname -m',
  ].join('\n');
  expect(architectureTests(text, pair).map(({ line, path }) => `${line} ${path}`)).toEqual([
    '1 uname -m',
    '2 dpkg --print-architecture',
    '3 libfoo1:i386',
    '4 getconf LONG_BIT',
    '7 i686',
  ]);
});
