import type { Found } from '../../../src/base/finding.ts';
import { type Mount, mountOf } from '../../../src/base/mount.ts';
import { shellWords } from '../../../src/base/shell-word.ts';
import type { Check } from '../../../src/check/check.ts';

/** Where dpkg and the packages' scripts write. */
const written = [
  '/',
  '/etc',
  '/usr',
  '/usr/bin',
  '/usr/lib',
  '/usr/sbin',
  '/usr/share',
  '/var',
  '/var/cache',
  '/var/lib',
  '/var/lib/dpkg',
  '/var/log',
  '/opt',
  '/tmp',
  '/var/tmp',
  '/boot',
  '/boot/efi',
];
/** Where dpkg executes what it has just unpacked. */
const executed = ['/var/lib/dpkg'];
const temporary = ['/tmp', '/var/tmp'];

/** Source: mount(8); dpkg(1). */
export const mounts: Check = {
  id: 'machine/mounts',
  title: 'How filesystems are mounted where dpkg writes',
  looksAt: { only: 'host', topics: ['what is mounted'] },
  about: {
    'machine/read-only': {
      text:
        'dpkg writes files there, and stops in the middle when it cannot. Hooks of apt that make such a filesystem ' +
        'writable for a while do not help: dpkg is called without apt.',
      source: 'mount(8), ro; dpkg(1)',
    },
    'machine/no-execution': {
      text: 'dpkg unpacks the packages’ scripts below /var/lib/dpkg and executes them there.',
      source: 'mount(8), noexec; dpkg(1)',
    },
    'machine/no-execution-in-tmp': {
      text: 'dpkg and Debian’s own scripts do without it. Scripts of other makers’ packages may execute what they put into a temporary folder.',
      source: 'mount(8), noexec',
    },
    'machine/mounted-file': {
      text: 'A file on which another one is mounted cannot be exchanged: dpkg stops with “Invalid cross-device link”.',
      source: 'link(2), EXDEV; mount(8), bind mounts',
    },
  },
  findings: ({ facts, survey }) => {
    const { host } = survey?.hardware ?? {};
    if (!host) return [];
    const having = (paths: readonly string[], option: string): string[] =>
      mountPoints(host.mounts, paths, (mount) => mount.options.includes(option));
    const readOnly = having(written, 'ro');
    const noScripts = having(executed, 'noexec');
    const noTemporary = having(temporary, 'noexec');
    // Below /etc the packages say which files are theirs; elsewhere nearly all are.
    const conffiles = new Set(facts.inventory.packages.flatMap((one) => one.conffiles.map(({ path }) => path)));
    const mounted = host.mountedFiles.filter((path) =>
      path.startsWith('/etc/') ? conffiles.has(path) : !path.startsWith('/usr/local/'),
    );
    return [
      ...found(readOnly, {
        id: 'machine/read-only',
        severity: 'blocker',
        title: `Mounted read-only: ${readOnly.join(', ')}`,
        detail: 'The crossgrade has to write there: dpkg stops in the middle when it cannot.',
        remedies: [
          ...readOnly.map((point) => ({ command: shellWords(['mount', '-o', 'remount,rw', point]) })),
          inFstab,
          { hint: 'If that fails, look at the kernel’s messages: a broken disk becomes read-only by itself.' },
        ],
      }),
      ...found(noScripts, {
        id: 'machine/no-execution',
        severity: 'blocker',
        title: 'dpkg cannot execute the packages’ scripts',
        detail: `${noScripts.join(', ')} is mounted noexec, and dpkg has its scripts in /var/lib/dpkg.`,
        remedies: [
          ...noScripts.map((point) => ({ command: shellWords(['mount', '-o', 'remount,exec', point]) })),
          inFstab,
        ],
      }),
      ...found(noTemporary, {
        id: 'machine/no-execution-in-tmp',
        severity: 'note',
        title: `No program can be executed in ${noTemporary.join(', ')}`,
        detail:
          'It is mounted noexec. dpkg does not mind, but a few packages, mostly of other makers, have scripts that fail then.',
        remedies: noTemporary.map((point) => ({ command: shellWords(['mount', '-o', 'remount,exec', point]) })),
      }),
      ...found(mounted, {
        id: 'machine/mounted-file',
        severity: 'warning',
        title: 'Something is mounted over files that packages may replace',
        detail: 'dpkg cannot replace such a file. Where it belongs to a package, that package fails.',
        remedies: [
          { hint: 'Find out whose they are: dpkg -S FILE. Where it is a package, unmount it for the crossgrade.' },
        ],
      }),
    ];
  },
};

function found(affected: readonly string[], finding: Omit<Found, 'affected'>): Found[] {
  return affected.length === 0 ? [] : [{ ...finding, affected }];
}

/** The host may be booted in the middle. */
const inFstab = { hint: 'It is so again after a reboot, unless you change it in /etc/fstab as well.' };

/** Of those mounts on which the paths lie, without repetition; sorted. */
function mountPoints(all: readonly Mount[], paths: readonly string[], matches: (mount: Mount) => boolean): string[] {
  const mountsOfPaths = paths.map((path) => mountOf(all, path)).filter((mount) => mount !== undefined);
  return [...new Set(mountsOfPaths.filter(matches).map(({ mountPoint }) => mountPoint))].sort();
}
