/**
 * Units by which a Debian system changes packages by itself, or keeps what they change: stopped as long as a crossgrade is in progress, in each of
 * its boots. The package has a drop-in for each, see scripts/deb.sh.
 */
export const packageUnits: readonly string[] = [
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  // Installs at shutdown what is pending.
  'unattended-upgrades.service',
  'packagekit.service',
  // Commits /etc, half of it changed.
  'etckeeper.timer',
];
