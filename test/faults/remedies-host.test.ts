import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { chrootHost } from '../support/runs/chroot-host.ts';
import { withRoot } from '../support/runs/faults.ts';
import { expectDone, saidBy } from '../support/runs/type-remedies.ts';

/** What apt and dpkg write to when they work, with the times. */
function written(directory: string): Record<string, number> {
  const folders = ['var/cache/apt', 'var/lib/apt', 'var/lib/dpkg', 'var/log'];
  const files = folders.flatMap((folder) =>
    readdirSync(join(directory, folder), { recursive: true }).map((name) => join(folder, `${name}`)),
  );
  return Object.fromEntries(files.map((file) => [file, lstatSync(join(directory, file)).mtimeMs]));
}

test('filesystems that are mounted read-only or noexec, /usr of its own without an initramfs', () =>
  withRoot('bookworm-minimal', async ({ directory }) => {
    const host = await chrootHost(
      directory,
      `mount --bind usr usr
mount -t tmpfs -o ro tmpfs boot
mount -t tmpfs -o noexec,mode=1777 tmpfs tmp
mount --bind var/lib/dpkg var/lib/dpkg
mount -o remount,bind,noexec var/lib/dpkg`,
    );
    try {
      const wanted = [
        'machine/read-only',
        'machine/no-execution',
        'machine/no-execution-in-tmp',
        'machine/separate-usr',
      ];
      const mine = async () => (await host.check()).findings.filter(({ id }) => wanted.includes(id));
      const before = written(directory);
      const found = await mine();
      expect(found.map(({ id }) => id)).toEqual(wanted);
      // Its commands were tried, and nothing came of that but an answer.
      expect(written(directory)).toEqual(before);
      const typed = await host.type(found);
      expectDone(typed);
      expect(await mine(), saidBy(typed)).toEqual([]);
      expect((await host.check()).findings.filter(({ severity }) => severity === 'blocker')).toEqual([]);
    } finally {
      await host.close();
    }
  }));

test('a host whose kernel is in no package gets one that runs the programs of the target', () =>
  withRoot('bookworm-minimal', async ({ directory }) => {
    const host = await chrootHost(directory, 'echo i686 >run/arch\nmount --bind run/arch proc/sys/kernel/arch');
    try {
      const blockers = async () => (await host.check()).findings.filter(({ severity }) => severity === 'blocker');
      const found = await blockers();
      expect(found.map(({ id }) => id)).toEqual(['machine/no-kernel-package']);
      const typed = await host.type(found);
      expectDone(typed);
      // The reboot is a decision, and which boot loader is used here nobody knows.
      expect(
        (await blockers()).map(({ id }) => id),
        saidBy(typed),
      ).toEqual(['machine/boot-loader-unknown']);
    } finally {
      await host.close();
    }
  }));
