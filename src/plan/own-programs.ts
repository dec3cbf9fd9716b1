/**
 * Until when a program of a root is needed: `beginning`, only before the point of no return; `waves`, at any moment at
 * which packages are replaced, after a kill as well; `end`, when they all are, for data, checks and the boot.
 */
export type NeededUntil = 'beginning' | 'waves' | 'end';

/** A program that crossgrade itself runs inside a root. What maintainer scripts run is dpkg's matter. */
export interface OwnProgram {
  /** Without a folder. */
  readonly name: string;
  /** Debian packages that have it, in whatever release; empty where none has. */
  readonly packages: readonly string[];
  readonly purpose: string;
  readonly until: NeededUntil;
  /** Run only where the root has what it is for: a host without it lacks nothing. */
  readonly optional?: true;
}

type Rest = Pick<OwnProgram, 'until' | 'optional'>;
const beginning: Rest = { until: 'beginning' };
const ifThere: Rest = { until: 'beginning', optional: true };
const waves: Rest = { until: 'waves' };
const wavesIfThere: Rest = { until: 'waves', optional: true };
const end: Rest = { until: 'end' };
const endIfThere: Rest = { until: 'end', optional: true };

function programs(packages: readonly string[], rest: Rest, purposes: Readonly<Record<string, string>>): OwnProgram[] {
  return Object.entries(purposes).map(([name, purpose]) => ({ name, packages, purpose, ...rest }));
}

/** The programs of a server and of its client, for each version that the host has. */
const postgresqlVersions = ['9.6', '10', '11', '12', '13', '14', '15', '16', '17', '18'];

/**
 * Every program that crossgrade runs inside a root, `rescue` and the package's own scripts included.
 *
 * @see test/unit/plan/own-programs.test.ts, which finds in the sources what is run
 */
export const ownPrograms: readonly OwnProgram[] = [
  ...programs(['apt'], end, {
    'apt-cache': 'asks what repositories offer',
    'apt-config': 'asks apt for its settings',
    'apt-get': 'reads repositories, solves, checks dependencies',
    'apt-helper': 'downloads archives',
    'apt-mark': 'sets holds again',
  }),
  ...programs(['bash'], waves, { bash: 'is tried by a rescue' }),
  ...programs(['coreutils'], waves, {
    cat: 'says why the package crossgrade is not removed; shows what a dump is made of',
    chmod: 'keeps logs and data from being read by others',
    chown: "gives the download folder to apt's own user, and folders of data to their owners",
    cp: 'copies /etc, programs for a rescue, data, files of packages that are levelled',
    cut: 'measures what a purge of crossgrade leaves',
    du: 'measures folders of data',
    head: 'counts files',
    id: 'asks who somebody is',
    ln: 'makes links again that say what is started at boot',
    mkdir: 'makes folders',
    mv: 'moves data, exit codes of programs and virtualenvs',
    nproc: 'counts processors',
    readlink: 'finds places of databases',
    rmdir: 'takes back folders',
    realpath: 'finds places of libraries',
    rm: 'removes what was ours',
    sha256sum: 'sums up exports',
    sort: 'sums up exports',
    stat: 'looks at files of data',
    sync: 'makes files durable',
    tail: 'shows why a database does not start',
    timeout: 'ends what takes too long',
    touch: 'leaves the times of a folder as they were',
    true: 'stands for update-initramfs during a wave; shows which preloaded library is missing',
    who: 'lists logins',
  }),
  ...programs(['dash', 'bash'], waves, { sh: 'runs our scripts, and dpkg in a session of its own' }),
  ...programs(['dpkg'], waves, {
    dpkg: 'installs, replaces and removes packages',
    'dpkg-deb': 'looks into archives; makes them of packages that are levelled',
    'dpkg-divert': 'sets a diversion again',
    'dpkg-query': 'asks which package a file is of',
    'update-alternatives': 'sets alternatives again',
  }),
  ...programs(['findutils'], waves, {
    find: 'looks at owners and modes, copies and removes package lists',
    xargs: 'sums up exports',
  }),
  ...programs(['gpgv'], beginning, { gpgv: 'is tried: with it apt knows that a repository is genuine' }),
  ...programs(['grep'], waves, { grep: 'searches package lists and processes' }),
  ...programs(['gzip'], waves, { gzip: 'packs exported data' }),
  ...programs(['libc-bin'], waves, {
    getent: 'asks whether there is a group that may read logs',
    ldconfig: 'renews the cache of libraries after a wave',
  }),
  ...programs(['perl-base'], waves, { perl: "holds dpkg's frontend lock; carries RRD files; is tried by a rescue" }),
  ...programs(['tar'], waves, { tar: 'looks into archives; packs packages that are levelled' }),
  ...programs(['util-linux'], waves, {
    flock: 'keeps a second run away: without it no resume begins',
    setpriv: 'runs what is for another user than root',
    unshare: 'loads packet filters where they filter nothing',
  }),
  ...programs(['bsdutils'], wavesIfThere, { wall: 'tells everybody why the host does not go down' }),
  // Only where a host runs systemd; then nothing goes on without it.
  ...programs(['systemd'], waves, {
    journalctl: 'shows why a service does not start, and when a shutdown begins',
    loginctl: 'lists logins',
    systemctl: 'asks for, starts and stops units',
    'systemd-detect-virt': 'tells a container',
    'systemd-inhibit': 'keeps the host from being shut down as long as dpkg lives',
    'systemd-run': 'reboots a little later',
  }),
  ...programs(['diffutils'], end, { diff: 'compares databases' }),
  ...programs(['e2fsprogs'], beginning, { lsattr: 'finds files that cannot be changed' }),
  ...programs(['gawk', 'mawk', 'original-awk'], end, { awk: 'compares LDAP directories' }),
  ...programs(['iproute2'], end, { ip: 'records the network', ss: 'records who listens' }),
  ...programs(['libcap2-bin'], end, {
    getcap: 'records capabilities of files',
    setcap: 'sets capabilities that dpkg has dropped',
  }),
  ...programs(['grub-common', 'grub2-common'], endIfThere, {
    'grub-editenv': 'takes back what GRUB was told',
    'grub-reboot': 'boots the new kernel once',
    'update-grub': 'renews the menu of GRUB',
  }),
  ...programs(['initramfs-tools', 'initramfs-tools-bin', 'initramfs-tools-core'], endIfThere, {
    mkinitramfs: 'builds an initramfs for a trial',
    unmkinitramfs: 'looks whether an initramfs has old programs',
    'update-initramfs': 'builds an initramfs',
  }),
  ...programs(['dracut', 'dracut-core'], endIfThere, {
    dracut: 'builds an initramfs',
    lsinitrd: 'looks whether an initramfs has old programs',
  }),
  ...programs(['linux-base'], endIfThere, { 'linux-update-symlinks': 'has /vmlinuz lead to the new kernel' }),
  ...programs(['dictionaries-common'], endIfThere, { 'ispell-autobuildhash': 'compiles dictionaries anew' }),
  ...programs(['etckeeper'], endIfThere, { etckeeper: 'commits what is in /etc' }),
  ...programs(['dkms'], endIfThere, { dkms: 'builds modules for the new kernel' }),
  ...programs(['iptables'], endIfThere, {
    'ip6tables-legacy-save': 'records the packet filter',
    'ip6tables-nft-save': 'keeps the packet filter',
    'ip6tables-restore': 'reads saved rules, where they filter nothing',
    'ip6tables-save': 'records the packet filter',
    'iptables-legacy-save': 'records the packet filter',
    'iptables-nft-save': 'keeps the packet filter',
    'iptables-restore': 'reads saved rules, where they filter nothing',
    'iptables-save': 'records the packet filter',
  }),
  ...programs(['nftables'], endIfThere, { nft: 'records the packet filter' }),
  ...programs(['sudo', 'sudo-ldap'], endIfThere, { visudo: 'tries the rules of sudo' }),
  ...programs(['rrdtool'], endIfThere, { rrdtool: 'carries RRD files' }),
  ...programs(['slapd'], endIfThere, { slapadd: 'imports a directory', slapcat: 'exports a directory' }),
  ...programs(
    postgresqlVersions.map((version) => `postgresql-${version}`),
    endIfThere,
    {
      initdb: 'makes a cluster',
      pg_controldata: 'looks at a cluster',
      pg_ctl: 'starts and stops a cluster',
    },
  ),
  ...programs(
    postgresqlVersions.map((version) => `postgresql-client-${version}`),
    endIfThere,
    {
      pg_dump: 'exports a database',
      pg_dumpall: 'exports roles',
      pg_restore: 'imports a database',
      psql: 'asks a database',
      vacuumdb: 'renews the statistics of a database',
    },
  ),
  ...programs(['btrfs-progs'], ifThere, { btrfs: 'makes a snapshot' }),
  ...programs(['lvm2'], ifThere, { lvcreate: 'makes a snapshot', lvs: 'looks for room for a snapshot' }),
  ...programs(['zfsutils-linux'], ifThere, { zfs: 'makes a snapshot' }),
  ...programs([], endIfThere, { python: "is a virtualenv's own" }),
  ...programs(['crossgrade'], waves, {
    busybox: 'starts crossgrade, tells logins that it has stopped, and is the tools of the guard against a shutdown',
    crossgrade: 'is the unit’s engine',
  }),
];

/**
 * What holds the namespaces of a root in a folder, and enters them: programs of the system that crossgrade was started
 * on, which for such a root is another one.
 *
 * @see src/machine/programs/keeper.ts
 */
export const keeperPrograms: ReadonlySet<string> = new Set(
  'cat chmod chroot find ip ln mkdir mkfs.ext4 mknod mount mv nsenter rm sh sleep touch umount unshare'.split(' '),
);

const onEveryHost = ownPrograms.filter(
  ({ until, optional, packages }) => until !== 'beginning' && !optional && !packages.includes('crossgrade'),
);

/**
 * Packages whose programs crossgrade needs on every host once packages are being replaced. Those of a service that a
 * host may have (a database, GRUB) are not among them: their absence for a moment stops nobody.
 */
export const ownProgramPackages: ReadonlySet<string> = new Set(onEveryHost.flatMap(({ packages }) => packages));

/** Those of them that are needed between one call of dpkg and the next: a rescue has to bring them back. */
export const wavePackages: ReadonlySet<string> = new Set(
  onEveryHost.filter(({ until }) => until === 'waves').flatMap(({ packages }) => packages),
);
