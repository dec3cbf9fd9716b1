import { expect, test } from 'vitest';
import { dracutFailures } from '../../../src/boot/dracut-failures.ts';

test('what a module of dracut could not bring is told once, and nothing else it says', () => {
  const said = [
    'dracut: Generating /boot/initrd.img-6.1.0-50-686-pae',
    "dracut-install: ERROR: installing '/usr/local/bin/nowhere'",
    'dracut[E]: FAILED:  /usr/lib/dracut/dracut-install -D /var/tmp/dracut.x/initramfs -a /usr/local/bin/nowhere',
    "dracut-install: ERROR: installing '/usr/local/bin/nowhere'",
    "dracut[E]: dracut module 'own' cannot be found or installed.",
    "dracut[E]: dracut module 'mine' depends on 'gone', which can't be installed",
    'dracut: *** Including module: bash ***',
  ].join('\n');
  expect(dracutFailures(said)).toEqual([
    'dracut could not put /usr/local/bin/nowhere into the trial’s initramfs: neither will the last one have it',
    'dracut’s module own cannot be found or installed',
    "dracut’s module mine depends on 'gone', which can't be installed",
  ]);
});
