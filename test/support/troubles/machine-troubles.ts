import type { Finding } from '../../../src/base/finding.ts';
import { type Mount, parseMountinfo } from '../../../src/base/mount.ts';
import type { RootInfo } from '../../../src/base/root.ts';
import type { BootElsewhere } from '../../../src/boot/boot-elsewhere.ts';
import type { CheckInput } from '../../../src/check/check.ts';
import type { BootLoader, BootSurvey, HardwareSurvey, HostSurvey } from '../../../src/hardware/hardware-survey.ts';
import type { Facts } from '../../../src/run/facts.ts';
import type { Process, SessionSurvey } from '../../../src/session/session-survey.ts';
import { World } from '../recorded/world.ts';
import { installed } from '../roots/packages.ts';

const host: RootInfo = { kind: 'host', can: new Set(['init', 'boot', 'network']) };
const { context } = new World('bookworm-minimal');
const now = Date.UTC(2026, 10, 23);
const gibibyte = 2 ** 30;

/** `/usr ext4 /dev/sda1 ro,noexec` and so on. */
export function mounted(...lines: string[]): Mount[] {
  return parseMountinfo(
    lines
      .map((line, index) => {
        const [point, type, source, options] = line.split(' ');
        return `${30 + index} 1 8:${index} / ${point} ${options} shared:1 - ${type} ${source} ${options}`;
      })
      .join('\n'),
  );
}

const soundHost: HostSurvey = {
  boot: { secureBoot: false, loaders: ['grub'], grubDefault: '0' },
  memory: { total: 2 * gibibyte, available: gibibyte, swapFree: 0 },
  mounts: mounted('/ ext4 /dev/sda1 rw,relatime', '/tmp tmpfs tmpfs rw,nosuid,nodev'),
  mountedFiles: [],
};
const soundHardware: HardwareSurvey = {
  initSystem: 'systemd',
  unmergedFolders: [],
  immutable: [],
  clock: { now, newest: { path: '/var/lib/dpkg/status', mtimeMs: now - 1000 } },
  host: soundHost,
};
const soundSession: SessionSurvey = {
  connection: { overSsh: false, survives: false },
  desktop: { programs: [], inside: false },
  logins: [],
  packagePrograms: [],
  aptTimers: { active: ['apt-daily.timer'], settings: [] },
};

/** A host with nothing to say of it or its session; no apt was asked. */
export const soundHostInput: CheckInput = {
  pair: context.pair,
  root: host,
  facts: context.facts,
  answers: {},
  aptComplaints: [],
  survey: { notLookedAt: [], hardware: soundHardware, session: soundSession },
};

export function withHardware(changes: Partial<HardwareSurvey>, base = soundHostInput): CheckInput {
  const survey = base.survey ?? { notLookedAt: [] };
  return { ...base, survey: { ...survey, hardware: { ...soundHardware, ...changes } } };
}

export function withHost(changes: Partial<HostSurvey>, base = soundHostInput): CheckInput {
  return withHardware({ host: { ...soundHost, ...changes } }, base);
}

export function withBoot(changes: Partial<BootSurvey>, base = soundHostInput): CheckInput {
  return withHost({ boot: { ...soundHost.boot, ...changes } }, base);
}

export function withSession(changes: Partial<SessionSurvey>): CheckInput {
  return {
    ...soundHostInput,
    survey: { notLookedAt: [], hardware: soundHardware, session: { ...soundSession, ...changes } },
  };
}

function withFacts(facts: Partial<Facts>, base = soundHostInput): CheckInput {
  return { ...base, facts: { ...base.facts, ...facts } };
}

const runningKernel = { machine: 'i686', release: '6.1.0-50-686-pae', bootId: 'boot' };
const { inventory } = context.facts;
const kernel = installed('linux-image-686-pae:i386');
const dkms = installed('dkms:all');

/** A host that runs a kernel of the source's, which a package brought. */
export const oldKernelInput: CheckInput = {
  ...withFacts({ runningKernel, inventory: { ...inventory, packages: [...inventory.packages, kernel] } }),
  answers: { reboot: 'by-hand' },
};

function withLockedMenu(base: CheckInput): CheckInput {
  const entry = {
    id: 'a>b',
    version: runningKernel.release,
    hasInitramfs: true,
    isRecovery: false,
    needsPassword: true,
  };
  return withFacts({ boot: { loader: 'grub', grub: { entries: [entry] } } }, withBoot({ loaders: ['grub'] }, base));
}

const signedGrub = installed('grub-efi-ia32-signed:i386');
const withFirmwarePackages: CheckInput = {
  ...withFacts({
    boot: { firmwareBits: 32 },
    inventory: { ...inventory, packages: [...inventory.packages, signedGrub] },
  }),
  answers: { 'firmware-loader': 'keep' },
};
const withAtopLogs = withFacts({
  atopLogs: { there: ['/var/log/atop/atop_20261129'], aside: [] },
  inventory: { ...inventory, packages: [...inventory.packages, installed('atop:i386')] },
});
const withDkms = withFacts({ inventory: { ...inventory, packages: [...inventory.packages, dkms] } });
const manyPrograms = Array.from({ length: 21 }, (_, index): `/${string}` => `/usr/bin/tool-${10 + index}`);
const hook = '/etc/kernel/postinst.d/zz-own';
const lxc = { virtualization: { kind: 'container', name: 'lxc' } } as const;

export function process(pid: number, parent: number, ...words: string[]): Process {
  const name = (words[0]?.split('/').at(-1) ?? '').slice(0, 15);
  return { pid, parent, name, words, nested: false };
}

/** Each id of the machine's and the session's checks, with a trouble that makes it. */
export const machineTroubles: readonly [
  id: string,
  severity: Finding['severity'],
  input: CheckInput,
  affected: readonly string[],
][] = [
  [
    'machine/small-memory',
    'note',
    withHost({ memory: { total: gibibyte / 2, available: gibibyte / 4, swapFree: gibibyte / 8 } }),
    [],
  ],
  [
    'machine/no-snapshot',
    'note',
    withHost({ snapshots: [{ name: 'Timeshift', hidden: 'its disk is not mounted', ways: [['timeshift']] }] }),
    [],
  ],
  [
    'machine/no-snapshot',
    'note',
    withHost({ snapshots: [{ name: 'btrfs', latest: now - 3 * 86_400_000, ways: [['btrfs']] }] }),
    [],
  ],
  [
    'machine/snapshot',
    'note',
    withHost({
      snapshots: [
        { name: 'snapper', latest: now - 90_000_000, ways: [['snapper']] },
        { name: 'btrfs', latest: now - 3_600_000, ways: [['btrfs']] },
      ],
    }),
    [],
  ],
  ['machine/no-kernel-package', 'blocker', withFacts({ runningKernel, kernels: [] }), []],
  ['machine/reboot-needed', 'blocker', { ...oldKernelInput, answers: {} }, []],
  ['machine/reboot-needed', 'note', oldKernelInput, []],
  [
    'machine/boot-not-once',
    'warning',
    withBoot({ grubCannotWrite: 'it is on btrfs' }, oldKernelInput),
    ['/boot/grub/grubenv'],
  ],
  ['machine/boot-password', 'warning', withLockedMenu(oldKernelInput), ['/boot/grub/grub.cfg']],
  ['machine/boot-menu-by-hand', 'warning', withBoot({ loaders: ['extlinux'] }, oldKernelInput), ['extlinux']],
  ['machine/boot-loader-unknown', 'warning', withBoot({ loaders: [] }, oldKernelInput), []],
  ['machine/boot-loader-unknown', 'warning', withBoot({ loaders: ['grub', 'lilo'] }, oldKernelInput), ['GRUB', 'LILO']],
  ['machine/boot-elsewhere', 'note', elsewhere(['grub']), ['/boot/grub/grub.cfg']],
  ['machine/boot-elsewhere-by-hand', 'warning', elsewhere(['systemd-boot']), ['systemd-boot']],
  ['machine/boot-elsewhere-hooks', 'warning', elsewhere([], { hooks: [hook] }), [hook]],
  ['machine/boot-not-here', 'warning', withoutKernel(elsewhere([], { hasOwnBoot: true })), ['/boot']],
  ['machine/container', 'note', withHost(lxc), []],
  ['machine/container-kernel', 'blocker', withHost(lxc, oldKernelInput), []],
  ['machine/grub-default', 'warning', withBoot({ grubDefault: '1>2' }), ['/etc/default/grub']],
  ['machine/grub-default', 'warning', withBoot({ grubDefault: 'saved' }), ['/etc/default/grub']],
  ['machine/firmware-bits', 'warning', withBoot({ efiBits: 32 }), []],
  ['machine/firmware-loader', 'blocker', { ...withFirmwarePackages, answers: {} }, ['grub-efi-ia32-signed']],
  ['machine/firmware-loader', 'note', withFirmwarePackages, ['grub-efi-ia32-signed']],
  ['machine/on-battery', 'warning', withHost({ power: { onBattery: true, percent: 40 } }), []],
  ['data/atop-logs', 'note', withAtopLogs, ['/var/log/atop/atop_20261129']],
  ['machine/secure-boot', 'note', withBoot({ efiBits: 64, secureBoot: true }), []],
  ['machine/secure-boot', 'warning', withBoot({ efiBits: 64, secureBoot: true }, withDkms), []],
  [
    'machine/read-only',
    'blocker',
    withHost({ mounts: mounted('/ ext4 /dev/sda1 rw', '/boot ext2 /dev/sda2 ro', '/usr ext4 /dev/sda3 ro,nodev') }),
    ['/boot', '/usr'],
  ],
  [
    'machine/no-execution',
    'blocker',
    withHost({ mounts: mounted('/ ext4 /dev/sda1 rw', '/var ext4 /dev/sda2 rw,noexec', '/var/tmp tmpfs tmpfs rw') }),
    ['/var'],
  ],
  [
    'machine/no-execution-in-tmp',
    'note',
    withHost({ mounts: mounted('/ ext4 /dev/sda1 rw', '/tmp tmpfs tmpfs rw,noexec') }),
    ['/tmp'],
  ],
  [
    'machine/mounted-file',
    'warning',
    withHost({ mountedFiles: ['/etc/debconf.conf', '/etc/resolv.conf', '/usr/bin/nvidia-smi', '/usr/local/bin/tool'] }),
    ['/etc/debconf.conf', '/usr/bin/nvidia-smi'],
  ],
  [
    'machine/immutable',
    'blocker',
    withHardware({ immutable: [{ path: '/etc/passwd', attributes: 'i' }] }),
    ['/etc/passwd'],
  ],
  [
    'machine/immutable',
    'blocker',
    withHardware({ immutable: manyPrograms.map((path) => ({ path, attributes: 'i' })) }),
    manyPrograms,
  ],
  [
    'machine/memory',
    'warning',
    withHost({
      memory: { total: gibibyte / 8, available: gibibyte / 16, swapFree: 0 },
      mounts: mounted('/ btrfs /dev/sda1 rw'),
    }),
    [],
  ],
  ['machine/usr-not-merged', 'note', unmergedIn('11'), ['/bin', '/lib']],
  ['machine/usr-not-merged', 'warning', unmergedIn('12'), ['/bin', '/lib']],
  ['machine/usr-not-merged', 'blocker', unmergedIn('13'), ['/bin', '/lib']],
  ['machine/usr-not-merged', 'blocker', unmergedIn(''), ['/bin', '/lib']],
  [
    'machine/separate-usr',
    'warning',
    withoutGenerator(withHost({ mounts: mounted('/ ext4 /dev/sda1 rw', '/usr ext4 /dev/sda2 rw') })),
    ['/usr'],
  ],
  ['machine/init-system', 'note', withHardware({ initSystem: 'sysvinit' }), []],
  [
    'machine/clock',
    'warning',
    withHardware({ clock: { now, newest: { path: '/var/lib/dpkg/status', mtimeMs: now + 86_400_000 } } }),
    ['/var/lib/dpkg/status'],
  ],
  [
    'machine/clock',
    'blocker',
    withHardware({
      clock: { now, newest: { path: '/var/lib/apt/lists/mirror.example_InRelease', mtimeMs: now + 86_400_000 } },
    }),
    ['/var/lib/apt/lists/mirror.example_InRelease'],
  ],
  [
    'machine/memory',
    'warning',
    withHost({ memory: { total: gibibyte / 8, available: gibibyte / 16, swapFree: gibibyte / 16 } }),
    [],
  ],
  [
    'session/ssh-without-multiplexer',
    'warning',
    {
      ...withSession({ connection: { overSsh: true, survives: false } }),
      root: { kind: 'host', can: new Set(['boot', 'live', 'network']) },
    },
    [],
  ],
  [
    'session/desktop',
    'warning',
    withSession({ desktop: { programs: ['gnome-shell'], inside: true } }),
    ['gnome-shell'],
  ],
  ['session/desktop', 'note', withSession({ desktop: { programs: ['lightdm'], inside: false } }), ['lightdm']],
  [
    'session/logins',
    'note',
    withSession({
      logins: [
        { user: 'berta', where: 'tty2' },
        { user: 'anna', where: 'pts/0 from 192.0.2.7' },
      ],
    }),
    ['anna (pts/0 from 192.0.2.7)', 'berta (tty2)'],
  ],
  [
    'session/package-programs',
    'warning',
    withSession({ packagePrograms: [process(812, 1, '/usr/bin/python3', '/usr/bin/unattended-upgrade')] }),
    ['unattended-upgrade (process 812)'],
  ],
  [
    'session/apt-timers',
    'note',
    withSession({ aptTimers: { active: ['apt-daily.timer'], settings: ['Unattended-Upgrade'] } }),
    ['apt-daily.timer'],
  ],
];

/** A root in a folder that another machine boots. */
function elsewhere(loaders: readonly BootLoader[], changes: Partial<BootElsewhere> = {}): CheckInput {
  const menus = loaders.includes('grub') ? [{ path: '/boot/grub/grub.cfg', text: '', mode: 0o600 } as const] : [];
  const initramfs = { isDependent: false, filesystemTypes: [], unlocks: false };
  const input = withFacts({
    kernels: [{ version: runningKernel.release, architecture: 'i386' }],
    elsewhere: { loaders, menus, installDevices: [], initramfs, hasOwnBoot: false, hooks: [], ...changes },
  });
  const { session: _, ...survey } = input.survey ?? { notLookedAt: [] };
  const { host: __, ...hardware } = soundHardware;
  return { ...input, root: { kind: 'chroot', can: new Set(['network']) }, survey: { ...survey, hardware } };
}

function withoutKernel(input: CheckInput): CheckInput {
  const { inventory: all } = input.facts;
  const packages = [...all.packages, installed(`linux-image-${runningKernel.release}:i386`)];
  return { ...input, facts: { ...input.facts, kernels: [], inventory: { ...all, packages } } };
}

function withoutGenerator(input: CheckInput): CheckInput {
  const { initramfsGenerator: _, ...facts } = input.facts;
  return { ...input, facts };
}

function unmergedIn(version: string): CheckInput {
  return withFacts(
    { release: { id: 'debian', version, codename: '' } },
    withHardware({ unmergedFolders: ['/bin', '/lib'] }),
  );
}
