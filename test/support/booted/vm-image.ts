import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached, freshRoot, type RootRecipe } from '../roots/roots.ts';
import { inRoot } from '../runs/conversion.ts';
import { mustRun } from '../runs/host-programs.ts';
import { authorizedKey } from './ssh.ts';
import { type Disk, startVm } from './vm.ts';

/** As small as a server can be that boots by itself and lets somebody in: every package costs time under emulation. */
const recipe: RootRecipe = {
  suite: 'bookworm',
  packages: [
    ...['systemd-sysv', 'dbus', 'libpam-systemd', 'openssh-server', 'ifupdown', 'isc-dhcp-client', 'cron'],
    ...['linux-image-686-pae', 'initramfs-tools', 'grub-pc'],
  ],
};

/** Raise it when images are made in another way: older ones in the cache are not used any more. */
const imageVersion = 2;

const mebibyte = 2 ** 20;
const diskMebibytes = 8192;
/** Where partitions begin since there are disks with large sectors; GRUB's core image has its place before it. */
export const partitionStart = mebibyte;

const filesystemId = '6f4d2a10-6c1b-4c0e-9d55-637267726164';

/** For the console, should ssh not work; nobody but this machine can reach a test's VM. */
export const rootPassword = 'crossgrade';

/**
 * The disk of a 32-bit Debian server with a PAE kernel, an ext4 filesystem in a DOS partition, and GRUB in the boot
 * record, as Debian's installer leaves it. It is made when it is not there; never start a VM on it, but on a disk that
 * is based on it.
 */
export async function serverImage(): Promise<string> {
  const place = await cached(`vm-${recipe.suite}-server-v${imageVersion}`, async (making) => {
    const raw = join(making, 'disk.raw');
    const say = (text: string) => {
      console.info(`vm image: ${text}`);
      appendFileSync(join(making, 'log'), `${text}\n`);
    };
    const root = await freshRoot(recipe);
    try {
      say('setting up the system');
      await setUp(root.directory);
      say('writing it to a disk');
      await writeDisk(root.directory, raw);
      say('booting it with its kernel given from outside, for GRUB to be installed');
      await installGrub(root.directory, { file: raw, format: 'raw' });
    } finally {
      await root.dispose();
    }
    await mustRun(['qemu-img', 'convert', '-O', 'qcow2', raw, join(making, 'disk.qcow2')]);
    rmSync(raw);
    return recipe;
  });
  return join(place, 'disk.qcow2');
}

async function setUp(directory: string): Promise<void> {
  const inside = (path: string) => join(directory, path);
  const write = (path: string, ...lines: string[]) => writeFileSync(inside(path), `${lines.join('\n')}\n`);
  rmSync(inside('usr/sbin/policy-rc.d'), { force: true });
  write('etc/hostname', 'oldhost');
  write('etc/hosts', '127.0.0.1 localhost', '127.0.1.1 oldhost');
  write('etc/fstab', `UUID=${filesystemId} / ext4 errors=remount-ro 0 1`);
  write('etc/network/interfaces', 'auto lo', 'iface lo inet loopback', '', 'auto eth0', 'iface eth0 inet dhcp');
  write(
    'etc/default/grub',
    'GRUB_DEFAULT=0',
    'GRUB_TIMEOUT=1',
    'GRUB_DISTRIBUTOR=Debian',
    // As the installer leaves it; grub-pc's script would add the line.
    'GRUB_CMDLINE_LINUX_DEFAULT="quiet"',
    'GRUB_CMDLINE_LINUX="net.ifnames=0 console=ttyS0"',
    'GRUB_TERMINAL=serial',
  );
  // Under emulation, a large and well compressed initramfs takes minutes to build.
  write('etc/initramfs-tools/conf.d/small', 'MODULES=dep', 'COMPRESS=gzip', 'COMPRESSLEVEL=1');
  mkdirSync(inside('root/.ssh'), { recursive: true, mode: 0o700 });
  writeFileSync(inside('root/.ssh/authorized_keys'), await authorizedKey(), { mode: 0o600 });
  // What this machine's own disks need is not what the guest's disk needs.
  const modules = readFileSync(inside('etc/initramfs-tools/modules'), 'utf8');
  writeFileSync(inside('etc/initramfs-tools/modules'), `${modules}virtio_pci\nvirtio_blk\next4\n`);
  const results = await inRoot(
    directory,
    ['sh', '-c', 'echo MODULES=list > /etc/initramfs-tools/conf.d/tiny && /usr/sbin/update-initramfs -u -k all'],
    ['sh', '-c', 'rm /etc/initramfs-tools/conf.d/tiny'],
    ['sh', '-c', `echo root:${rootPassword} | chpasswd`],
    ['sh', '-c', 'echo grub-pc grub-pc/install_devices multiselect /dev/vda | debconf-set-selections'],
  );
  for (const { exitCode, stdout, stderr } of results) {
    if (exitCode !== 0) throw new Error(`The system could not be set up:\n${stdout}${stderr}`);
  }
  writeFileSync(inside('etc/initramfs-tools/modules'), modules);
}

async function writeDisk(directory: string, raw: string): Promise<void> {
  await mustRun(['truncate', '-s', `${diskMebibytes}M`, raw]);
  await mustRun(['sfdisk', '--quiet', raw], {
    input: `label: dos\nstart=${partitionStart / 512}, type=83, bootable\n`,
  });
  await mustRun([
    ...['mke2fs', '-q', '-t', 'ext4', '-U', filesystemId, '-d', directory, '-E', `offset=${partitionStart}`],
    ...[raw, `${diskMebibytes - partitionStart / mebibyte}M`],
  ]);
}

async function installGrub(directory: string, disk: Disk): Promise<void> {
  const find = (prefix: string) => {
    const name = readdirSync(join(directory, 'boot')).find((one) => one.startsWith(prefix));
    if (name === undefined) throw new Error(`There is no ${prefix}… in /boot`);
    return join(directory, 'boot', name);
  };
  const vm = await startVm(disk, {
    kernel: find('vmlinuz-'),
    initrd: find('initrd.img-'),
    commandLine: `root=UUID=${filesystemId} ro net.ifnames=0 console=ttyS0`,
  });
  try {
    await vm.waitForSsh();
    await vm.newSshLogin(['grub-install', '/dev/vda']);
    await vm.newSshLogin(['update-grub']);
    // Now with what this machine's disk needs.
    await vm.newSshLogin(['update-initramfs', '-u']);
    await vm.powerOff();
  } finally {
    await vm.close();
  }
}
