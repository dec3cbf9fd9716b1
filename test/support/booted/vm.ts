import type { ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { makePlace, removePlace } from '../roots/roots.ts';
import { endChild, freePort, mustRun, quote, startTied, until } from '../runs/host-programs.ts';
import { type SshHost, slowMs, sshHost } from './ssh.ts';

export interface Disk {
  readonly file: string;
  readonly format: 'raw' | 'qcow2';
}

/** A whole machine of its own, by emulation: firmware, boot loader, kernel, power button. */
export interface Vm extends SshHost {
  /** Everything that came out of its serial line: GRUB, the kernel, systemd, the getty. */
  serialLog(): string;
  /** Waits until the serial line says it, since the last start unless `from` says where to begin. */
  waitForSerial(pattern: RegExp, options?: { readonly limitMs?: number; readonly from?: number }): Promise<string>;
  isRunning(): boolean;
  bootId(): Promise<string>;
  /** Waits until somebody can log in after another boot than this one. */
  waitForOtherBoot(bootId: string, limitMs?: number): Promise<void>;
  /** As the administrator does it, and waits until somebody can log in again. */
  reboot(): Promise<void>;
  copyIn(file: string, path: string): Promise<void>;
  /** As an administrator who has got a package: `apt install ./FILE`. */
  install(deb: string): Promise<void>;
  /** As the administrator does it, and waits until the machine is off. */
  powerOff(): Promise<void>;
  /** The plug is pulled. What the guest has not yet written to its disk is lost. */
  cut(): Promise<void>;
  /** The power button, when it is off. */
  start(): Promise<void>;
  waitForOff(limitMs?: number): Promise<void>;
  close(): Promise<void>;
}

export interface VmOptions {
  /** Booted instead of what is on the disk. */
  readonly kernel?: string;
  readonly initrd?: string;
  readonly commandLine?: string;
  readonly memoryMebibytes?: number;
}

/** A VM with a disk of its own that is based on an image; the disk is gone after `close`. */
export async function vmFrom(image: string, options: VmOptions = {}): Promise<Vm> {
  const place = await makePlace();
  const file = join(place, 'disk.qcow2');
  try {
    await mustRun(['qemu-img', 'create', '-q', '-f', 'qcow2', '-b', image, '-F', 'qcow2', file]);
    const vm = await startVm({ file, format: 'qcow2' }, options);
    return {
      ...vm,
      close: async () => {
        await vm.close();
        await removePlace(place);
      },
    };
  } catch (error) {
    await removePlace(place);
    throw error;
  }
}

/** Starts a VM on a disk that it changes. Its network is one of its own, from which it reaches the package mirror. */
export async function startVm(disk: Disk, options: VmOptions = {}): Promise<Vm> {
  const place = await makePlace();
  const serial = join(place, 'serial');
  writeFileSync(serial, '');
  const sshPort = await freePort();
  let qemu: ChildProcess | undefined;
  let ended: number | 'killed' | undefined;
  let started = 0;

  const serialLog = () => readFileSync(serial, 'utf8');
  const isRunning = () => qemu !== undefined && ended === undefined;
  const start = async () => {
    if (isRunning()) throw new Error('The VM is running already');
    started = serialLog().length;
    console.info('vm: the power is on');
    ended = undefined;
    const child = startTied(qemuArgv(disk, serial, sshPort, options), { stdio: ['ignore', 'ignore', 'pipe'] });
    qemu = child;
    let complaint = '';
    child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
      complaint += piece;
    });
    child.once('close', (code) => {
      ended = code ?? 'killed';
      if (code) console.error(`QEMU ended with ${code}: ${complaint}`);
    });
  };
  const waitForOff = async (limitMs = slowMs) => {
    await until('The VM is off', limitMs, () => (isRunning() ? undefined : true));
  };
  const cut = async () => {
    if (isRunning()) console.info('vm: the plug is pulled');
    if (qemu && isRunning()) await endChild(qemu);
    await waitForOff();
  };
  const host = sshHost(sshPort, (text) => console.info(`vm: ${text}`));
  const bootId = async () => (await host.newSshLogin(['cat', '/proc/sys/kernel/random/boot_id'])).trim();
  const vm: Vm = {
    ...host,
    serialLog,
    waitForSerial: (pattern, { limitMs = slowMs, from = started } = {}) =>
      until(`${pattern} on the serial line`, limitMs, () => {
        const said = serialLog().slice(from);
        if (pattern.test(said)) return said;
        if (!isRunning()) throw new Error(`The VM is off, and ${pattern} was never on the serial line`);
        return undefined;
      }),
    isRunning,
    bootId,
    waitForOtherBoot: async (before, limitMs = slowMs) => {
      await until('A login after another boot', limitMs, async () => {
        if (!isRunning()) throw new Error('The VM is off');
        const { exitCode, stdout } = await host.ssh(['cat', '/proc/sys/kernel/random/boot_id'], { limitMs: 60_000 });
        return exitCode === 0 && stdout.trim() !== before ? true : undefined;
      });
    },
    reboot: async () => {
      const before = await bootId();
      // The connection may be gone before the answer is here.
      await host.ssh(['systemctl', 'reboot']);
      await vm.waitForOtherBoot(before);
    },
    copyIn: async (file, path) => {
      await host.newSshLogin(['sh', '-c', `cat > ${quote(path)}`], { input: await readFile(file) });
    },
    install: async (deb) => {
      const path = `/var/tmp/${basename(deb)}`;
      await vm.copyIn(deb, path);
      await host.newSshLogin(['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-y', 'install', path]);
      await host.newSshLogin(['rm', path]);
    },
    powerOff: async () => {
      console.info('vm: powering off');
      // The connection may be gone before the answer is here.
      await host.ssh(['systemctl', 'poweroff']);
      await waitForOff();
      if (ended !== 0) throw new Error(`The VM was to power off, but QEMU was ended: ${ended}`);
    },
    cut,
    start,
    waitForOff,
    close: async () => {
      await cut();
      await removePlace(place);
    },
  };
  await start();
  return vm;
}

function qemuArgv(disk: Disk, serial: string, sshPort: number, options: VmOptions): string[] {
  const { kernel, initrd, commandLine, memoryMebibytes = 1024 } = options;
  return [
    // Emulated: there are machines without KVM, and some whose KVM does not run Debian's kernels.
    ...['qemu-system-x86_64', '-accel', 'tcg,thread=multi', '-cpu', 'qemu64', '-smp', '2', '-m', `${memoryMebibytes}`],
    // No screen: what its driver draws costs more than all else.
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-vga', 'none'],
    ...['-chardev', `file,id=serial,path=${serial},append=on`, '-serial', 'chardev:serial'],
    // Written back as on a real disk: what the guest flushed is there after a power cut.
    ...['-drive', `file=${disk.file},format=${disk.format},if=virtio,cache=writeback`],
    ...['-netdev', `user,id=network,hostfwd=tcp:127.0.0.1:${sshPort}-:22`, '-device', 'virtio-net-pci,netdev=network'],
    ...['-device', 'virtio-rng-pci'],
    ...(kernel === undefined ? [] : ['-kernel', kernel]),
    ...(initrd === undefined ? [] : ['-initrd', initrd]),
    ...(commandLine === undefined ? [] : ['-append', commandLine]),
  ];
}
