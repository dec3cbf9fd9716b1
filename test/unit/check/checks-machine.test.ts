import { describe, expect, test } from 'vitest';
import type { CheckInput } from '../../../src/check/check.ts';
import { findingsOf } from '../../../src/check/system/assess.ts';
import { checks } from '../../../steps/check/index.ts';
import {
  machineTroubles,
  mounted,
  oldKernelInput,
  soundHostInput,
  withBoot,
  withHardware,
  withHost,
  withSession,
} from '../../support/troubles/machine-troubles.ts';

const findings = (input: CheckInput) => checks.flatMap((check) => findingsOf(check, input));
const ids = (input: CheckInput) => findings(input).map((one) => one.id);

test('a sound host has no finding', () => {
  expect(findings(soundHostInput)).toEqual([]);
});

test('a lost connection ends a run only where systemd cannot keep it', () => {
  const input = withSession({ connection: { overSsh: true, survives: false } });
  expect(input.root.can.has('init')).toBe(true);
  expect(ids(input)).toEqual([]);
});

test('nobody looked around, as in a run: of the machine nothing is said but what a run needs', () => {
  for (const [, , { survey: _, ...input }] of machineTroubles) {
    const needed = ['machine/no-kernel-package', 'machine/reboot-needed', 'machine/firmware-loader', 'data/atop-logs'];
    for (const id of ids(input)) expect(needed).toContain(id);
  }
});

describe('the reboot', () => {
  const remedies = (input: CheckInput) => findings(input).flatMap((one) => one.remedies);

  test.each([
    ['grub', []],
    ['systemd-boot', ['bootctl set-oneshot ENTRY.conf']],
  ] as const)('by %s can be tried once; GRUB is told by the run itself', (loader, commands) => {
    const input = withBoot({ loaders: [loader] }, oldKernelInput);
    expect(ids(input)).toEqual(['machine/reboot-needed']);
    // Nobody can type it before the entry is there: it is told, and no command.
    expect(remedies(input).filter((one) => 'command' in one)).toEqual([]);
    expect(JSON.stringify(remedies(input)).match(/bootctl set-oneshot ENTRY\.conf/g) ?? []).toEqual(commands);
  });

  test('of a virtual machine comes after a snapshot', () => {
    const input = withHost({ virtualization: { kind: 'machine', name: 'kvm' } }, oldKernelInput);
    expect(ids(input)).toEqual(['machine/reboot-needed']);
    expect(JSON.stringify(remedies(input))).toContain('snapshot');
  });

  test('of a Xen guest may be a matter of its host', () => {
    const input = withHost({ virtualization: { kind: 'machine', name: 'xen' } }, oldKernelInput);
    expect(JSON.stringify(remedies(input))).toContain('pygrub');
  });

  test('leaves a kernel behind that somebody built', () => {
    const { facts } = oldKernelInput;
    const own = { ...facts, kernels: [{ version: facts.runningKernel.release }] };
    expect(findings({ ...oldKernelInput, facts: own })[0]?.detail).toContain('is in no package');
    expect(findings(oldKernelInput)[0]?.detail).not.toContain('is in no package');
  });

  test('is not needed under a kernel that can run the programs of the target, whatever the boot loader is', () => {
    expect(ids(withBoot({ loaders: [], grubCannotWrite: 'it is on zfs' }))).toEqual([]);
  });
});

describe('in a container', () => {
  test('nothing of boot loaders, firmware or Secure Boot matters', () => {
    const boot = { loaders: ['grub'], grubDefault: '2', efiBits: 32, secureBoot: true } as const;
    expect(ids(withHost({ boot, virtualization: { kind: 'container', name: 'lxc' } }))).toEqual(['machine/container']);
  });
});

describe('mounts', () => {
  test('that dpkg does not write to may be as they like', () => {
    const mounts = mounted(
      '/ ext4 /dev/sda1 rw',
      '/home ext4 /dev/sda2 ro,noexec',
      '/snap/core/1 squashfs /dev/loop0 ro',
      '/var/lib/docker/x overlay overlay ro',
      '/sys/firmware/efi/efivars efivarfs efivarfs ro,noexec',
    );
    expect(ids(withHost({ mounts }))).toEqual([]);
  });

  test('on top of others hide them', () => {
    const mounts = mounted('/ ext4 /dev/sda1 ro', '/ overlay overlay rw');
    expect(ids(withHost({ mounts }))).toEqual([]);
  });

  test('with /usr of its own are no trouble where an initramfs is made', () => {
    expect(ids(withHost({ mounts: mounted('/ ext4 /dev/sda1 rw', '/usr ext4 /dev/sda2 rw') }))).toEqual([]);
  });
});

test('Secure Boot and firmware of the old word size: there is no signed boot loader', () => {
  const found = findings(withBoot({ efiBits: 32, secureBoot: true }));
  expect(found.map(({ id, severity }) => [id, severity])).toEqual([
    ['machine/firmware-bits', 'warning'],
    ['machine/secure-boot', 'warning'],
  ]);
  expect(found[1]?.detail).toContain('no signed GRUB for 32-bit firmware');
});

test('Secure Boot with a signed boot loader that stays is none to be switched off', () => {
  const stays = machineTroubles.find(([id, severity]) => id === 'machine/firmware-loader' && severity === 'note')?.[2];
  const found = findings(withBoot({ efiBits: 32, secureBoot: true }, stays));
  const secure = found.find(({ id }) => id === 'machine/secure-boot');
  expect(secure?.severity).toBe('note');
  expect(JSON.stringify(secure)).not.toContain('Switch Secure Boot off');
});

test('a clock that is a little behind a mirror’s is no trouble', () => {
  const newest = { path: '/var/lib/apt/lists/mirror.example_InRelease', mtimeMs: 60_000 } as const;
  expect(ids(withHardware({ clock: { now: 0, newest } }))).toEqual([]);
});
