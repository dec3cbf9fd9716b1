import type { Mount } from '../base/mount.ts';

/** A program that keeps snapshots of this host, or storage that can. */
export interface SnapshotTool {
  readonly name: 'Timeshift' | 'snapper' | 'LVM' | 'btrfs' | 'ZFS';
  /** Milliseconds since 1970, of the last one; absent where there is none. */
  readonly latest?: number;
  /** Whether there is one could not be seen, a clause. */
  readonly hidden?: string;
  /** Command lines that make one, one after the other. */
  readonly ways: readonly (readonly string[])[];
}

/** @param text of /etc/timeshift/timeshift.json */
export function isTimeshiftSetUp(text: string): boolean {
  return /"backup_device_uuid"\s*:\s*"[^"]+"/.test(text);
}

/** Where Timeshift keeps its snapshots, below whatever its disk is mounted on. */
export function timeshiftFolders(mounts: readonly Mount[]): string[] {
  const tops = new Set(['/', ...mounts.map(({ mountPoint }) => mountPoint)]);
  return [...tops].flatMap((top) =>
    ['timeshift/snapshots', 'timeshift-btrfs/snapshots'].map((below) => `${top === '/' ? '' : top}/${below}`),
  );
}

/** @param names of Timeshift's folders: `2026-11-30_03-00-01`, by the clock on the wall */
export function latestOfTimeshift(names: readonly string[]): number | undefined {
  return latestOf(
    names.flatMap((name) => {
      const match = /^(\d{4}-\d\d-\d\d)_(\d\d)-(\d\d)-(\d\d)$/.exec(name);
      return match ? [`${match[1]}T${match[2]}:${match[3]}:${match[4]}`] : [];
    }),
  );
}

/** @param text of /etc/snapper/configs/NAME */
export function snapperSubvolume(text: string): string | undefined {
  return /^\s*SUBVOLUME="?(\/[^"\n]*)"?\s*$/m.exec(text)?.[1];
}

/** @param texts of .snapshots/NUMBER/info.xml, in UTC */
export function latestOfSnapper(texts: readonly string[]): number | undefined {
  return latestOf(
    texts.flatMap((text) => {
      const match = /<date>(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)<\/date>/.exec(text);
      return match ? [`${match[1]}T${match[2]}Z`] : [];
    }),
  );
}

/**
 * @param shown by `btrfs subvolume show /`
 * @param listed by `btrfs subvolume list -s -q /`
 * @returns of the snapshots of that subvolume alone, by the clock on the wall
 */
export function latestOfBtrfs(shown: string, listed: string): number | undefined {
  const uuid = /^\s*UUID:\s*([0-9a-f-]{36})\s*$/m.exec(shown)?.[1];
  if (uuid === undefined) return undefined;
  return latestOf(
    listed.split('\n').flatMap((line) => {
      const match = /\botime (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) parent_uuid ([0-9a-f-]{36})\b/.exec(line);
      return match?.[3] === uuid ? [`${match[1]}T${match[2]}`] : [];
    }),
  );
}

/** @param text of `zfs list -H -p -t snapshot -o creation DATASET`: seconds since 1970 */
export function latestOfZfs(text: string): number | undefined {
  const times = text.split('\n').flatMap((line) => (/^\d+$/.test(line.trim()) ? [Number(line) * 1000] : []));
  return times.length === 0 ? undefined : Math.max(...times);
}

/** @param text of `lvs --noheadings --separator : -o vg_name,origin,lv_time`, with `2026-11-30 03:00:01 +0100` */
export function latestOfLvm(text: string, volumes: readonly string[]): number | undefined {
  return latestOf(
    text.split('\n').flatMap((line) => {
      const match = /^\s*([^:]*):([^:]+):(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)\s*$/.exec(line);
      if (!match || !volumes.includes(`${match[1]}/${match[2]}`)) return [];
      return [`${match[3]}T${match[4]}${match[5]}:${match[6]}`];
    }),
  );
}

function latestOf(dates: readonly string[]): number | undefined {
  const times = dates.map((date) => Date.parse(date)).filter((time) => !Number.isNaN(time));
  return times.length === 0 ? undefined : times.reduce((a, b) => Math.max(a, b));
}
