import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findPair } from '../../../src/debian/architecture.ts';
import { openRoot } from '../../../src/machine/open-root.ts';
import { realMachine } from '../../../src/machine/real-machine.ts';
import { findGuests } from '../../../src/software/system/find-guests.ts';
import { freshRoot } from '../../support/roots/roots.ts';

const pair = findPair('i386', 'amd64');
if (!pair) throw new Error('no pair');

test('an image that podman itself has stored is found, beside what somebody has put there to do harm', async () => {
  const root = await freshRoot({ suite: 'bookworm', packages: ['podman'] }, { memoryBytes: 2 ** 30 });
  const put = (path: string, text = '') => {
    mkdirSync(join(root.directory, path, '..'), { recursive: true });
    writeFileSync(join(root.directory, path), text);
  };
  try {
    const opened = await openRoot(root.directory, { access: 'write' });
    try {
      const machine = realMachine(opened);
      const podman = async (...words: string[]) => {
        const { exitCode, stdout, stderr } = await machine.run(['podman', '--storage-driver=vfs', ...words]);
        expect(exitCode, stderr).toBe(0);
        return stdout;
      };
      // podman asks for the kind of control groups.
      await machine.makeDirectory('/sys/fs/cgroup', 0o755);
      await machine.run(['sh', '-c', 'cd /etc && tar -cf /tmp/a.tar group passwd']);
      await podman('import', '--quiet', '/tmp/a.tar', 'localhost/own:1');
      await podman('import', '--quiet', '--arch', 'amd64', '/tmp/a.tar', 'localhost/other:1');
      put('/etc/libvirt/qemu/big.xml', `<type arch='i686'>${' '.repeat(2 ** 21)}`);
      execFileSync('mkfifo', [join(root.directory, 'etc/libvirt/qemu/pipe.xml')]);
      symlinkSync('loop.xml', join(root.directory, 'etc/libvirt/qemu/loop.xml'));
      put('/var/lib/lxc', 'no folder');
      put('/var/lib/docker/image/overlay2/imagedb/content/sha256/ab', '['.repeat(100_000));
      put('/var/lib/docker/image/overlay2/repositories.json', '{"Repositories":[1]}');
      expect(await findGuests(machine, pair)).toEqual([{ kind: 'podman image', name: 'localhost/own:1' }]);
    } finally {
      await opened.close();
    }
  } finally {
    await root.dispose();
  }
});
