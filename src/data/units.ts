import type { ExportItem } from './exports.ts';

/**
 * What writes RRD files, as Debian's packages call it: services and init scripts of what depends on rrdtool or its
 * library. cron runs the programs of munin, cacti, cricket and digitemp. rrdcached, which others write to, is the first to be
 * started, and the last to be stopped.
 */
const rrdWriters = (
  'rrdcached backuppc bindgraph collectd couriergraph gmetad iptotal mailgraph monitorix mrtg munin munin-node npcd ' +
  'pnp4nagios queuegraph smokeping torrus-common xymon cron'
)
  .split(' ')
  .map((name) => `${name}.service`);

/** A process that a service has started. */
export interface Job {
  readonly pid: string;
  readonly command: string;
  readonly unit?: string;
  /** It has rrdtool's library loaded. */
  readonly usesRrd: boolean;
}

/** @param text lines of `grep -H .` on cgroup and comm, and of `grep -l librrd` on maps, of all processes */
export function readJobs(text: string): Job[] {
  const jobs = new Map<string, Job>();
  for (const line of text.split('\n')) {
    const [, pid = '', file, said = ''] = /^\/proc\/(\d+)\/(cgroup|comm|maps):?(.*)$/.exec(line) ?? [];
    const job = jobs.get(pid) ?? { pid, command: '', usesRrd: false };
    const unit = file === 'cgroup' ? readUnit(said) : undefined;
    if (unit !== undefined) jobs.set(pid, { ...job, unit });
    if (file === 'comm') jobs.set(pid, { ...job, command: said });
    if (file === 'maps') jobs.set(pid, { ...job, usesRrd: true });
  }
  return [...jobs.values()];
}

/** Of services that are stopped: cron leaves to themselves what it has started. */
export function leftByRrdWriters(jobs: readonly Job[]): Job[] {
  return jobs.filter(({ unit }) => unit !== undefined && rrdWriters.includes(unit));
}

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
