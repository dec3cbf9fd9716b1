import type { ExportItem } from './exports.ts';

/**
 * What writes RRD files, as Debian's packages call it; cron runs munin's and cacti's programs.
 */
const rrdWriters = [
  'rrdcached',
  'collectd',
  'smokeping',
  'gmetad',
  'munin',
  'munin-node',
  'pnp4nagios',
  'npcd',
  'cron',
].map((name) => `${name}.service`);

/** @returns the system's unit that a process belongs to, by the text of its /proc/PID/cgroup */
export function readUnit(text: string): string | undefined {
  return /^0::\/system\.slice\/(?:.*\/)?([^/\n]+\.service)$/m.exec(text)?.[1];
}

/** Units of systemd that must not run between the export and the import of an item. */
export function unitsOf(item: ExportItem): string[] {
  switch (item.kind) {
    case 'postgresql':
      return item.name === '' ? [] : [`postgresql@${item.name.replace('/', '-')}.service`];
    case 'slapd':
      return ['slapd.service'];
    case 'rrd':
      return rrdWriters;
  }
}
