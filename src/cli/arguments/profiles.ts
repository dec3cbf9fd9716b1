const server: readonly string[] = [
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
  'linux-image-686-pae',
  'grub-pc',
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
 */
export const profiles: Readonly<Record<string, readonly string[]>> = {
  minimal: [],
  server,
  services: [...server, ...services],
  desktop: [...server, ...desktop],
};
