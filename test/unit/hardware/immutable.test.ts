import { expect, test } from 'vitest';
import type { RootPath } from '../../../src/base/root.ts';
import { configurationOf, readImmutable } from '../../../src/hardware/immutable.ts';
import { immutable } from '../../../steps/check/machine/immutable.ts';
import { installed } from '../../support/roots/packages.ts';
import { withHardware } from '../../support/troubles/machine-troubles.ts';

test('of what lsattr prints, what is immutable or can only be appended to counts', () => {
  const printed = `----i----------I--e------- /usr/bin/.
----i----------I--e------- /usr/bin/..
--------------e------- /usr/bin/gzip
----i---------e------- /usr/bin/a b -- c
-----a--------e------- /etc/motd
----ia--------e------- /etc/shadow
-------A---I--e------- /etc/group
--------------e------- /boot/grub
lsattr: Operation not supported While reading flags on /usr/bin/awk

----i---------e------- relative
----i---------e------- /
`;
  expect(readImmutable(printed)).toEqual([
    { path: '/usr/bin', attributes: 'i' },
    { path: '/usr/bin/a b -- c', attributes: 'i' },
    { path: '/etc/motd', attributes: 'a' },
    { path: '/etc/shadow', attributes: 'ia' },
    { path: '/', attributes: 'i' },
  ]);
});

test('in /etc conffiles, their folders and what scripts write are of packages', () => {
  const md5 = '0123456789abcdef0123456789abcdef';
  const found = configurationOf([
    installed('cron:i386', { Conffiles: `\n /etc/cron.d/deep/jobs ${md5}` }),
    installed('gone:i386', { Conffiles: `\n /etc/gone ${md5}`, Status: 'deinstall ok config-files' }),
  ]);
  expect(found).toEqual(expect.arrayContaining(['/etc', '/etc/cron.d', '/etc/cron.d/deep', '/etc/cron.d/deep/jobs']));
  expect(found).toContain('/etc/passwd');
  expect(found).not.toContain('/etc/gone');
  expect(found).not.toContain('/etc/resolv.conf');
});

test('the commands name few files, and the folder of many', () => {
  const many = Array.from({ length: 21 }, (_, index): RootPath => `/usr/bin/p${index}`);
  const [finding] = immutable.findings(
    withHardware({
      immutable: [
        { path: '/etc/motd', attributes: 'a' },
        { path: '/etc/passwd', attributes: 'i' },
        { path: '/usr', attributes: 'i' },
        ...many.map((path) => ({ path, attributes: 'i' as const })),
      ],
    }),
  );
  expect(finding?.affected).toHaveLength(24);
  expect(finding?.remedies).toEqual([
    { command: 'chattr -a -- /etc/motd' },
    { command: 'chattr -i -- /etc/passwd /usr' },
    { command: "find /usr/bin -maxdepth 1 '!' -type l -exec chattr -i '{}' +" },
    { hint: expect.stringContaining('chattr +a, chattr +i') },
  ]);
});
