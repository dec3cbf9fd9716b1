import type { Machine } from '../../base/machine.ts';
import type { Mount } from '../../base/mount.ts';
import type { RootPath } from '../../base/root.ts';
import { readBounded } from '../../base/system/bounded-text.ts';
import { rootOnly } from '../../base/system/careful.ts';
import { offerSnapshot, readLogicalVolumes } from '../filesystem-snapshots.ts';
import {
  isTimeshiftSetUp,
  latestOfBtrfs,
  latestOfLvm,
  latestOfSnapper,
  latestOfTimeshift,
  latestOfZfs,
  type SnapshotTool,
  snapperSubvolume,
  timeshiftFolders,
} from '../snapshot-tools.ts';

const mostBytes = 256 * 1024;
/** snapper keeps some dozens; the numbers grow, so the last ones are the newest. */
const mostSnapshots = 200;

/**
 * What keeps snapshots of this host's system, and when the last one was made. Nothing is asked that mounts a disk or
 * writes a log: Timeshift's own program does both.
 *
 * @param now milliseconds since 1970
 */
export async function findSnapshotTools(
  machine: Machine,
  mounts: readonly Mount[],
  now: number,
): Promise<SnapshotTool[]> {
  return [...(await timeshift(machine, mounts)), ...(await snapper(machine)), ...(await storage(machine, mounts, now))];
}

async function timeshift(machine: Machine, mounts: readonly Mount[]): Promise<SnapshotTool[]> {
  if (!(await machine.exists('/usr/bin/timeshift'))) return [];
  const settings =
    (await readBounded(machine, '/etc/timeshift/timeshift.json', mostBytes)) ??
    (await readBounded(machine, '/etc/timeshift.json', mostBytes));
  if (settings === undefined || !isTimeshiftSetUp(settings)) return [];
  const ways = [['timeshift', '--create', '--comments', 'before the crossgrade']];
  const names: string[] = [];
  let isThere = false;
  for (const folder of timeshiftFolders(mounts) as RootPath[]) {
    if ((await machine.info(folder))?.type !== 'directory') continue;
    isThere = true;
    names.push(...(await machine.list(folder)));
  }
  const latest = latestOfTimeshift(names);
  return [
    {
      name: 'Timeshift',
      ...(latest !== undefined && { latest }),
      ...(!isThere && { hidden: 'its disk is not mounted' }),
      ways,
    },
  ];
}

async function snapper(machine: Machine): Promise<SnapshotTool[]> {
  if (!(await machine.exists('/usr/bin/snapper'))) return [];
  const folder: RootPath = '/etc/snapper/configs';
  for (const name of await machine.list(folder)) {
    // As snapper itself has it; what is no name for it is no word for a command line of ours either.
    if (!/^[\w-]+$/.test(name)) continue;
    const text = await readBounded(machine, `${folder}/${name}`, mostBytes);
    if (text === undefined || snapperSubvolume(text) !== '/') continue;
    const ways = [['snapper', '-c', name, 'create', '--description', 'before the crossgrade']];
    const places = await machine.list('/.snapshots');
    if (machine.unreadable().includes('/.snapshots')) return [{ name: 'snapper', hidden: rootOnly, ways }];
    const numbers = places.filter((one) => /^\d{1,9}$/.test(one)).map(Number);
    const texts: string[] = [];
    for (const number of numbers.sort((a, b) => b - a).slice(0, mostSnapshots)) {
      const info = await readBounded(machine, `/.snapshots/${number}/info.xml`, mostBytes);
      if (info !== undefined) texts.push(info);
    }
    const latest = latestOfSnapper(texts);
    return [{ name: 'snapper', ...(latest !== undefined && { latest }), ways }];
  }
  return [];
}

const places: Readonly<Record<'LVM' | 'btrfs' | 'ZFS', readonly RootPath[]>> = {
  LVM: ['/usr/sbin/lvcreate', '/sbin/lvcreate'],
  btrfs: ['/usr/bin/btrfs', '/bin/btrfs'],
  ZFS: ['/usr/sbin/zfs', '/sbin/zfs'],
};

/** LVM's thin volumes, btrfs and ZFS: what needs no size, and the host's own programs can make. */
async function storage(machine: Machine, mounts: readonly Mount[], now: number): Promise<SnapshotTool[]> {
  const listed = await machine.run(['lvs', ...lvsWords, '-o', 'vg_name,lv_name,lv_dm_path,vg_free,segtype']);
  const volumes = listed.exitCode === 0 ? readLogicalVolumes(listed.stdout).filter(({ isThin }) => isThin) : [];
  const day = new Date(now).toISOString().slice(0, 10);
  const offer = offerSnapshot(mounts, volumes, 0, `crossgrade-before-${day}`);
  if (!offer) return [];
  const isThere = await Promise.all(places[offer.kind].map((path) => machine.exists(path)));
  if (!isThere.includes(true)) return [];
  const seen = await latestOfStorage(
    machine,
    mounts,
    offer.kind,
    volumes.map(({ name }) => name),
  );
  return [{ name: offer.kind, ...seen, ways: offer.commands }];
}

const lvsWords = ['--noheadings', '--units', 'b', '--nosuffix', '--separator', ':'];

async function latestOfStorage(
  machine: Machine,
  mounts: readonly Mount[],
  kind: 'LVM' | 'btrfs' | 'ZFS',
  volumes: readonly string[],
): Promise<Pick<SnapshotTool, 'latest' | 'hidden'>> {
  const root = mounts.filter(({ mountPoint }) => mountPoint === '/').at(-1);
  const asked = async (argv: readonly string[]): Promise<string> => {
    const { exitCode, stdout } = await machine.run(argv);
    if (exitCode !== 0) throw Object.assign(new Error(`${argv[0]} does not say`), { code: 'EACCES' });
    return stdout;
  };
  try {
    const latest =
      kind === 'btrfs'
        ? latestOfBtrfs(
            await asked(['btrfs', 'subvolume', 'show', '/']),
            await asked(['btrfs', 'subvolume', 'list', '-s', '-q', '/']),
          )
        : kind === 'ZFS'
          ? latestOfZfs(
              await asked(['zfs', 'list', '-H', '-p', '-t', 'snapshot', '-o', 'creation', root?.source ?? '']),
            )
          : latestOfLvm(await asked(['lvs', ...lvsWords, '-o', 'vg_name,origin,lv_time']), volumes);
    return latest === undefined ? {} : { latest };
  } catch {
    return { hidden: rootOnly };
  }
}
