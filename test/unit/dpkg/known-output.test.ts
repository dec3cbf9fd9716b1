import { expect, test } from 'vitest';
import { knownOutput, withoutKnownOutput } from '../../../src/dpkg/known-output.ts';

const forced = 'dpkg: warning: overriding problem because --force enabled:\n';

test('takes out what is no error, and nothing around it', () => {
  const text = [
    'Removing libc6:i386 (2.36-9) ...\n',
    `${forced}dpkg: warning: this is a protected package; it should not be removed\n`,
    "dpkg: warning: while removing libc6:i386, directory '/usr/lib/i386-linux-gnu' not empty so not removed\n",
    "dpkg: warning: while removing libc6-amd64:i386, directory '/usr/lib64' not empty so not removed\n",
    `${forced}dpkg: warning: trying to overwrite shared '/usr/share/a b', which is different from other instances of package c:amd64\n`,
    'invoke-rc.d: policy-rc.d denied execution of restart.\n',
    "dpkg-query: error: --listfiles needs a valid package name but 'python3-tk' is not: ambiguous package name 'python3-tk' with more than one installed instance\n",
    '\nUse --help for help about querying packages.\n',
    "python3.11: can't get files for byte-compilation\n",
    'Setting up a (1) ...\n',
  ];
  expect(withoutKnownOutput(text.join(''))).toBe(`${text.at(0)}${text.at(-1)}`);
});

test.each([
  `${forced}dpkg: warning: trying to overwrite '/usr/bin/a', which is also in package b 1\n`,
  "dpkg: warning: while removing a, directory '/var/lib/a' not empty so not removed\n",
  'dpkg: warning: this is a protected package; it should not be removed\n',
  "dpkg-query: error: --listfiles needs a valid package name but 'a b' is not: illegal package name\n",
  'dpkg: error processing package a (--install):\n',
])('leaves %j', (text) => {
  expect(withoutKnownOutput(text)).toBe(text);
});

test('knows a reason for each', () => {
  expect(knownOutput.every(({ reason }) => reason.length > 20)).toBe(true);
});
