import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildInitramfs } from '../../../src/boot/system/initramfs.ts';
import { findPair } from '../../../src/debian/architecture.ts';
import { openRoot } from '../../../src/machine/open-root.ts';
import { realMachine } from '../../../src/machine/real-machine.ts';
import { withRoot } from '../../support/runs/faults.ts';

/** Says whether the image that was there before is still there while the new one is built. */
const hook = `#!/bin/sh
[ "$1" = prereqs ] && exit 0
ls "/boot/initrd.img-$version" > /var/log/image-while-building
`;

test('an initramfs is built although the administrator has switched updates off, and the old one stays until then', () =>
  withRoot('bookworm-server', async ({ directory }) => {
    const version = (readdirSync(join(directory, 'boot')).find((name) => name.startsWith('vmlinuz-')) ?? '').slice(8);
    const image = join(directory, `boot/initrd.img-${version}`);
    const before = statSync(image).mtimeMs;
    const folder = join(directory, 'etc/initramfs-tools');
    writeFileSync(join(folder, 'update-initramfs.conf'), 'update_initramfs=no\nbackup_initramfs=no\n');
    writeFileSync(join(folder, 'conf.d/quick'), 'MODULES=list\nCOMPRESS=gzip\nCOMPRESSLEVEL=1\n');
    writeFileSync(join(folder, 'hooks/look'), hook);
    chmodSync(join(folder, 'hooks/look'), 0o755);
    const pair = findPair('i386', 'amd64');
    if (!pair) throw new Error('no such pair');
    const build = async () => {
      const opened = await openRoot(directory, { access: 'write' });
      try {
        await buildInitramfs(realMachine(opened), 'initramfs-tools', version, pair, true);
      } finally {
        await opened.close();
      }
    };
    await build();
    expect(statSync(image).mtimeMs).toBeGreaterThan(before);
    expect(readFileSync(join(directory, 'var/log/image-while-building'), 'utf8')).toContain(version);
    expect(existsSync(`${image}.new`)).toBe(false);

    const idle = join(directory, 'usr/sbin/update-initramfs');
    writeFileSync(idle, '#!/bin/sh\necho "update-initramfs is switched off."\n');
    await expect(build()).rejects.toMatchObject({
      code: 'CG0241',
      details: [expect.any(String), 'update-initramfs is switched off.'],
    });
  }));
