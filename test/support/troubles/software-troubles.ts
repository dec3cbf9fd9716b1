import type { Finding } from '../../../src/base/finding.ts';
import type { CheckInput } from '../../../src/check/check.ts';
import type { DataStore } from '../../../src/data/data-survey.ts';
import type { LoginModule } from '../../../src/files/login-modules.ts';
import type { SoftwareGroup } from '../../../src/software/group-programs.ts';
import type { Guest } from '../../../src/software/guests.ts';
import type { DependentGroup, DependentSoftware, Virtualenv } from '../../../src/software/local-software.ts';
import type { LonePlugIn } from '../../../src/software/plug-ins.ts';
import type { SoftwareSurvey } from '../../../src/software/software-survey.ts';
import { installed, inventoryOf } from '../roots/packages.ts';

type Trouble = [id: string, severity: Finding['severity'], input: CheckInput, affected: readonly string[]];

export const noSoftware: SoftwareSurvey = {
  groups: [],
  references: [],
  preloads: [],
  libraryPaths: [],
  architecturePaths: [],
  architectureTests: [],
  printing: [],
  capabilities: [],
  misnamedDiversions: [],
  emptyDiversions: [],
  winePrefixes: [],
};

const virtualenv: SoftwareGroup = {
  kind: 'virtualenv',
  path: '/srv/app/venv',
  files: 14,
  selfContained: 0,
  owners: ['www-data'],
};
const tool: SoftwareGroup = {
  kind: 'other',
  path: '/opt/tool',
  files: 3,
  selfContained: 1,
  owners: ['ann', 'root'],
};
const pamModule: LoginModule = {
  kind: 'pam',
  name: 'pam_ours.so',
  path: '/usr/lib/i386-linux-gnu/security/pam_ours.so',
  files: ['/etc/pam.d/sshd'],
  optional: false,
  isThere: false,
};
const needy: DependentGroup = {
  name: '/opt/tool',
  files: ['/opt/tool/x'],
  packages: ['libc6:i386', 'zlib1g:i386'],
  missing: {},
};
const compiled: Virtualenv = {
  path: '/srv/app/venv',
  uid: 33,
  gid: 33,
  owner: 'www-data',
  files: ['/srv/app/venv/lib/python3.11/site-packages/spam.cpython-311-i386-linux-gnu.so'],
};
const lonePlugIn: LonePlugIn = {
  path: '/usr/lib/i386-linux-gnu/sane/libsane-vendor.so.1',
  package: 'vendor-scan',
  folder: '/usr/lib/i386-linux-gnu/sane',
  beside: ['libsane1'],
};
const hook = { kind: 'initramfs', file: '/etc/initramfs-tools/hooks/own', line: 4 } as const;
const chroot: SoftwareGroup = { ...tool, kind: 'system', path: '/srv/chroot/stable' };

/** What no package manager sees, one trouble at a time. */
export function softwareTroubles(sound: CheckInput): readonly Trouble[] {
  const withSoftware = (software: Partial<SoftwareSurvey>): CheckInput => ({
    ...sound,
    survey: { notLookedAt: [], software: { ...noSoftware, ...software } },
  });
  const withMisnamedDiversion = (path: string, packagePath: string): CheckInput => {
    const input = withSoftware({ misnamedDiversions: [{ path, packagePath }] });
    const diversions = [{ path, divertedTo: `${path}.own`, package: ':' }];
    return { ...input, facts: { ...input.facts, inventory: { ...input.facts.inventory, diversions } } };
  };
  const withGuests = (...guests: Guest[]): CheckInput => ({ ...sound, survey: { notLookedAt: [], guests } });
  const withData = (...data: DataStore[]): CheckInput => ({ ...sound, survey: { notLookedAt: [], data } });
  const withDependent = (dependent: Partial<DependentSoftware>): CheckInput => ({
    ...sound,
    survey: { notLookedAt: [], dependent: { groups: [], virtualenvs: [], ...dependent } },
  });
  const path = '/var/lib/postgresql/15/main';
  const cluster: DataStore = { kind: 'postgresql', name: '15/main', path, files: 1, bytes: 1_048_576 };
  const ownLibrary = { file: '/usr/lib/postgresql/15/lib/ours.so', used: true };
  const wine = installed('wine32:i386');
  const dpkg = installed('dpkg:i386=1.21.22');
  const withPlugIns = (...plugIns: LonePlugIn[]): CheckInput => {
    const { solved } = sound;
    if (solved === undefined) return sound;
    const after = { architecture: 'i386', version: '1' };
    const kept = { name: lonePlugIn.package, change: 'kept-foreign', before: after, after, reason: '' } as const;
    const plan = { ...solved.plan, changes: [...solved.plan.changes, kept] };
    return { ...sound, solved: { ...solved, plan, plugIns } };
  };
  const withModules = (...loginModules: LoginModule[]): CheckInput => ({
    ...sound,
    survey: { notLookedAt: [], loginModules },
  });
  return [
    ['software/guests', 'note', withGuests({ kind: 'Docker image', name: 'debian:12' }), ['Docker image debian:12']],
    ['software/guests', 'note', withGuests({ kind: 'LXC container', name: 'old' }), ['LXC container old']],
    [
      'software/guest-emulator',
      'warning',
      withGuests(
        { kind: 'libvirt machine', name: 'a', emulator: '/usr/bin/qemu-system-i386' },
        { kind: 'libvirt machine', name: 'b', emulator: '/opt/i386-linux-gnu/qemu' },
      ),
      ['libvirt machine b: /opt/i386-linux-gnu/qemu'],
    ],
    [
      'software/pam-module',
      'blocker',
      withModules(pamModule, { ...pamModule, name: 'pam_there.so', isThere: true }, { ...pamModule, optional: true }),
      ['/usr/lib/i386-linux-gnu/security/pam_ours.so (in no package), named in /etc/pam.d/sshd'],
    ],
    [
      'software/run-hooks',
      'blocker',
      {
        ...sound,
        survey: {
          notLookedAt: [],
          hooks: [
            { ...hook, names: '/usr/lib/i386-linux-gnu/libown.so.1', why: 'folder', package: 'libown1:i386' },
            { ...hook, line: 5, names: '/usr/local/sbin/tool', why: 'program' },
            {
              ...hook,
              kind: 'apt',
              file: '/etc/apt/apt.conf.d/own',
              names: 'digitools',
              why: 'package',
              package: 'gone',
            },
            { ...hook, line: 6, names: 'dpkg', why: 'package', package: 'dpkg' },
          ],
        },
      },
      [
        '/etc/apt/apt.conf.d/own, line 4 (hook of apt): digitools, of gone, which goes',
        '/etc/initramfs-tools/hooks/own, line 4 (hook of the initramfs): /usr/lib/i386-linux-gnu/libown.so.1',
        '/etc/initramfs-tools/hooks/own, line 5 (hook of the initramfs): /usr/local/sbin/tool, a 32-bit program that no package brought',
      ],
    ],
    [
      'software/kept-plug-ins',
      'warning',
      withPlugIns(lonePlugIn, { ...lonePlugIn, package: 'goes' }),
      [
        '/usr/lib/i386-linux-gnu/sane/libsane-vendor.so.1 (vendor-scan): in /usr/lib/i386-linux-gnu/sane, as those of libsane1',
      ],
    ],
    [
      'software/nss-module',
      'warning',
      withModules({ ...pamModule, kind: 'nss', path: '/lib/i386-linux-gnu/libnss_ours.so.2', package: 'gone' }),
      ['/lib/i386-linux-gnu/libnss_ours.so.2 (gone), named in /etc/pam.d/sshd'],
    ],
    [
      'data/postgresql',
      'note',
      withData(
        { kind: 'postgresql', name: '15/main', path: '/var/lib/postgresql/15/main', files: 1, bytes: 40_056_320 },
        { kind: 'postgresql', name: '', path: '/srv/pg', files: 1 },
      ),
      ['/srv/pg (size not known)', 'cluster 15/main: /var/lib/postgresql/15/main (38.2 MiB)'],
    ],
    [
      'data/extension',
      'blocker',
      withData({ ...cluster, libraries: [ownLibrary] }),
      ['/usr/lib/postgresql/15/lib/ours.so (in no package), cluster 15/main: /var/lib/postgresql/15/main (1.0 MiB)'],
    ],
    [
      'data/extension-unasked',
      'warning',
      withData({ ...cluster, libraries: [{ ...ownLibrary, package: 'gone', used: null }] }),
      ['/usr/lib/postgresql/15/lib/ours.so (package gone), cluster 15/main: /var/lib/postgresql/15/main (1.0 MiB)'],
    ],
    [
      'data/slapd',
      'note',
      withData({ kind: 'slapd', name: '1', path: '/var/lib/ldap', files: 1, bytes: 1_048_576 }),
      ['database 1: /var/lib/ldap (1.0 MiB)'],
    ],
    [
      'data/lmdb',
      'blocker',
      withData({ kind: 'lmdb', name: '', path: '/var/lib/knot/keys/data.mdb', files: 1, bytes: 1_048_576 }),
      ['/var/lib/knot/keys/data.mdb (1.0 MiB)'],
    ],
    [
      'data/rrd',
      'note',
      withData({ kind: 'rrd', name: '', path: '/var/lib/munin', files: 412, bytes: 24_536_678 }),
      ['/var/lib/munin (412 files, 23.4 MiB)'],
    ],
    [
      'data/gdbm',
      'blocker',
      withData({ kind: 'gdbm', name: '', path: '/srv/index.gdbm', files: 1, bytes: 1_048_576 }),
      ['/srv/index.gdbm (1.0 MiB)'],
    ],
    [
      'data/gdbm',
      'warning',
      {
        ...withData({ kind: 'gdbm', name: '', path: '/srv/index.gdbm', files: 1, bytes: 1_048_576 }),
        answers: { 'other-data': 'leave' },
      },
      ['/srv/index.gdbm (1.0 MiB)'],
    ],
    [
      'data/damaged',
      'blocker',
      withData({ ...cluster, trouble: { what: 'mend', text: 'its file PG_VERSION is missing or damaged' } }),
      ['cluster 15/main: /var/lib/postgresql/15/main (1.0 MiB): its file PG_VERSION is missing or damaged'],
    ],
    [
      'data/replica',
      'warning',
      withData({ ...cluster, trouble: { what: 'rebuild', text: 'it is a replica' } }),
      ['cluster 15/main: /var/lib/postgresql/15/main (1.0 MiB): it is a replica'],
    ],
    [
      'data/without-program',
      'warning',
      withData({ ...cluster, trouble: { what: 'idle', text: 'the programs are not installed' } }),
      ['cluster 15/main: /var/lib/postgresql/15/main (1.0 MiB): the programs are not installed'],
    ],
    [
      'software/local-programs',
      'warning',
      withSoftware({ groups: [virtualenv, tool] }),
      [
        '/opt/tool: 3 32-bit files, of which 1 need no library and go on (ann, root)',
        'virtualenv /srv/app/venv: 14 32-bit files (www-data)',
      ],
    ],
    [
      'software/local-programs',
      'warning',
      withSoftware({
        groups: [{ ...tool, kind: 'pip', path: '/usr/local/lib/python3.11/dist-packages', owners: ['root'] }],
      }),
      [
        'Python modules in /usr/local/lib/python3.11/dist-packages: 3 32-bit files, of which 1 need no library and go on (root)',
      ],
    ],
    ['software/local-libraries', 'blocker', withDependent({ groups: [needy] }), ['/opt/tool: libc6 and zlib1g']],
    [
      'software/local-libraries',
      'warning',
      {
        ...withDependent({ groups: [{ ...needy, missing: { '/opt/tool/x': ['libown.so.1'] } }] }),
        answers: { 'local-software': 'leave' },
      },
      ['/opt/tool: libc6 and zlib1g; without libown.so.1 even now'],
    ],
    [
      'software/virtualenvs',
      'blocker',
      withDependent({ virtualenvs: [compiled] }),
      ['/srv/app/venv: a compiled file (www-data)'],
    ],
    [
      'software/virtualenvs',
      'note',
      { ...withDependent({ virtualenvs: [compiled] }), answers: { virtualenv: 'rebuild' } },
      ['/srv/app/venv: a compiled file (www-data)'],
    ],
    ['software/other-systems', 'note', withSoftware({ groups: [chroot] }), ['/srv/chroot/stable']],
    [
      'software/started',
      'warning',
      withSoftware({ references: [{ file: '/etc/cron.d/x', line: 3, from: 'cron', target: '/opt/tool/bin/x' }] }),
      ['cron job /etc/cron.d/x, line 3: /opt/tool/bin/x'],
    ],
    [
      'software/configured',
      'warning',
      withSoftware({
        references: [{ file: '/etc/apache2/x.load', line: 1, from: 'configuration', target: '/opt/mod_x.so' }],
      }),
      ['configuration /etc/apache2/x.load, line 1: /opt/mod_x.so'],
    ],
    [
      'software/preload',
      'warning',
      withSoftware({ preloads: ['/usr/lib/i386-linux-gnu/libjemalloc.so.2'] }),
      ['/usr/lib/i386-linux-gnu/libjemalloc.so.2'],
    ],
    [
      'packages/diversion-empty',
      'blocker',
      withSoftware({ emptyDiversions: ['/usr/lib/x86_64-linux-gnu/libx.so'] }),
      ['/usr/lib/x86_64-linux-gnu/libx.so'],
    ],
    [
      'packages/diversion-without-effect',
      'warning',
      withMisnamedDiversion('/usr/lib/libx.so', '/lib/libx.so'),
      ['/usr/lib/libx.so (dpkg: /lib/libx.so)'],
    ],
    [
      'software/library-path',
      'warning',
      withSoftware({
        libraryPaths: [{ file: '/etc/ld.so.conf.d/x.conf', line: 1, path: '/usr/lib/i386-linux-gnu/x' }],
      }),
      ['/etc/ld.so.conf.d/x.conf, line 1: /usr/lib/i386-linux-gnu/x'],
    ],
    [
      'software/architecture-paths',
      'warning',
      withSoftware({
        architecturePaths: [{ file: '/etc/pam.d/x', line: 2, path: '/lib/i386-linux-gnu/security/pam_unix.so' }],
      }),
      ['/etc/pam.d/x, line 2: /lib/i386-linux-gnu/security/pam_unix.so'],
    ],
    [
      'software/architecture-paths',
      'warning',
      withSoftware({ architecturePaths: [{ file: '/etc/own.conf', line: 3, path: '/usr/lib/i386-linux-gnu/own' }] }),
      ['/etc/own.conf, line 3: /usr/lib/i386-linux-gnu/own'],
    ],
    [
      'software/architecture-tests',
      'note',
      withSoftware({ architectureTests: [{ file: '/usr/local/bin/update', line: 2, path: 'uname -m' }] }),
      ['/usr/local/bin/update, line 2: uname -m'],
    ],
    [
      'software/source-only',
      'warning',
      {
        ...withSoftware({ winePrefixes: ['/home/ann/.wine'] }),
        facts: { ...sound.facts, inventory: inventoryOf([dpkg, wine]) },
      },
      ['Wine folder /home/ann/.wine', 'wine32'],
    ],
    [
      'software/capabilities',
      'note',
      withSoftware({
        capabilities: [
          { path: '/usr/bin/python3.11', capability: 'cap_net_bind_service=ep', package: 'python3.11-minimal' },
        ],
      }),
      ['/usr/bin/python3.11: cap_net_bind_service=ep (python3.11-minimal)'],
    ],
  ];
}
