import type { Mount } from '../base/mount.ts';
import { shellWords } from '../base/shell-word.ts';

/** A way to keep the system as it is now, which its storage offers. */
export interface SnapshotOffer {
  /** `btrfs`: of the filesystem or volume manager. */
  readonly kind: 'LVM' | 'btrfs' | 'ZFS';
  /** One after the other. */
  readonly commands: readonly (readonly string[])[];
  /** What to do to go back to it; plain words. */
  readonly wayBack: string;
}

/** A logical volume, as lvs(8) tells of it. Bytes. */
export interface LogicalVolume {
  /** `vg0/root`. */
  readonly name: string;
  /** `/dev/mapper/vg0-root`. */
  readonly path: string;
  readonly volumeGroup: string;
  readonly groupFreeBytes: number;
  readonly isThin: boolean;
}

const usualSuffix = 'crossgrade-before';
/** What is written is kept twice; some space for what else the host writes meanwhile. */
const reserve = 1.5;

/**
 * What would have to be kept lies on the filesystems of `/`, /usr, /var, /etc and /boot; an offer is made where one kind of
 * storage can keep all of them but /boot, which is often a plain partition.
 *
 * @param neededBytes what the crossgrade writes
 * @param suffix what its name ends with
 */
export function offerSnapshot(
  mounts: readonly Mount[],
  volumes: readonly LogicalVolume[],
  neededBytes: number,
  suffix = usualSuffix,
): SnapshotOffer | undefined {
  const places = ['/', '/usr', '/var', '/etc'];
  // The last mount on a place covers the others.
  const found = places.flatMap((place) => mounts.filter(({ mountPoint }) => mountPoint === place).slice(-1));
  const types = new Set(found.map(({ type }) => type));
  if (found.length === 0) return undefined;
  if (types.size === 1 && types.has('btrfs')) {
    return {
      kind: 'btrfs',
      commands: found.map(({ mountPoint }) => [
        ...['btrfs', 'subvolume', 'snapshot', '-r', mountPoint],
        `${mountPoint === '/' ? '' : mountPoint}/.${suffix}`,
      ]),
      wayBack: `From a rescue system, put a writable snapshot of .${suffix} in the place of the subvolume.`,
    };
  }
  if (types.size === 1 && types.has('zfs')) {
    const names = found.map(({ source }) => `${source}@${suffix}`);
    return {
      kind: 'ZFS',
      commands: [['zfs', 'snapshot', ...names]],
      wayBack: `From a rescue system: ${names.map((name) => shellWords(['zfs', 'rollback', name])).join('; ')}`,
    };
  }
  return offerOfLvm(found, volumes, neededBytes, suffix);
}

function offerOfLvm(
  found: readonly Mount[],
  volumes: readonly LogicalVolume[],
  neededBytes: number,
  suffix: string,
): SnapshotOffer | undefined {
  const own = found.map(({ source }) => volumes.find(({ path }) => path === source));
  if (own.some((volume) => volume === undefined)) return undefined;
  const all = own.flatMap((volume) => volume ?? []);
  const size = Math.ceil((neededBytes * reserve) / 2 ** 20);
  const thick = all.filter(({ isThin }) => !isThin);
  const wanted = new Map<string, number>();
  for (const { volumeGroup } of thick) wanted.set(volumeGroup, (wanted.get(volumeGroup) ?? 0) + size * 2 ** 20);
  if (thick.some(({ volumeGroup, groupFreeBytes }) => (wanted.get(volumeGroup) ?? 0) > groupFreeBytes)) {
    return undefined;
  }
  return {
    kind: 'LVM',
    commands: all.map(({ name, isThin }) => [
      ...['lvcreate', '--yes', '--snapshot', '--name', `${name.slice(name.indexOf('/') + 1)}-${suffix}`],
      ...(isThin ? [] : ['--size', `${size}m`]),
      name,
    ]),
    wayBack: `${shellWords(['lvconvert', '--merge', ...all.map(({ name }) => `${name}-${suffix}`)])}, and reboot.`,
  };
}

/** @param text of `lvs --noheadings --units b --nosuffix --separator : -o vg_name,lv_name,lv_dm_path,vg_free,segtype` */
export function readLogicalVolumes(text: string): LogicalVolume[] {
  return text.split('\n').flatMap((line) => {
    const [group = '', name = '', path = '', free = '', type = ''] = line.trim().split(':');
    return name === ''
      ? []
      : [
          {
            name: `${group}/${name}`,
            path,
            volumeGroup: group,
            groupFreeBytes: Number(free),
            isThin: type === 'thin',
          },
        ];
  });
}
