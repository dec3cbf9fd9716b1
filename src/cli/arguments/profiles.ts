import { architecturePairs } from '../../debian/architecture.ts';

const server = (bootPackages: readonly string[]): readonly string[] => [
  'openssh-server',
  'sudo',
  'vim-tiny',
  'tmux',
  'locales',
  'python3',
  'perl',
  'rsync',
  'cron',
  'rsyslog',
  'systemd-sysv',
  'dbus',
  'ifupdown',
  'isc-dhcp-client',
  ...bootPackages,
  'initramfs-tools',
  'lvm2',
  'cryptsetup-initramfs',
  'aptitude',
  'zsh',
];

const services: readonly string[] = [
  'apache2',
  'libapache2-mod-php',
  'php-mysql',
  'mariadb-server',
  'postgresql',
  'redis-server',
  'slapd',
  'ldap-utils',
  'rrdtool',
  'postfix',
  'bind9',
  'samba',
  'python3-pil',
  'python3-cairo',
  'ruby',
  'git',
  'build-essential',
];

const desktop: readonly string[] = [
  'xfce4',
  'xserver-xorg',
  'lightdm',
  'firefox-esr',
  'libreoffice-writer',
  'cups',
  'gimp',
  'vlc',
  'tumbler',
  'libpam-gnome-keyring',
];

/**
 * Packages of ready-made sandboxes, on top of the minimal system, to be installed without what they recommend. Only
 * those of the server make a system that can boot, so the larger ones contain it.
 *
 * @param source the architecture of the sandbox
 */
export function profilesOf(source: string): Readonly<Record<string, readonly string[]>> {
  const pair = architecturePairs.find((one) => one.source.name === source);
  const bootable = server(pair?.bootPackages ?? []);
  return {
    minimal: [],
    server: bootable,
    services: [...bootable, ...services],
    desktop: [...bootable, ...desktop],
  };
}
