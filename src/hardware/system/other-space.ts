import type { Machine } from '../../base/machine.ts';
import type { OtherSpace } from '../../plan/space.ts';
import type { Facts } from '../../run/facts.ts';

/** As most filesystems have them. */
const blockBytes = 4096;
/** More than one with all modules takes, for a root that has had one with those of its machine alone. */
const fullInitramfsBytes = 96 * 2 ** 20;

/** What the run takes of the disk beside packages, archives and lists. */
export async function readOtherSpace(machine: Machine, facts: Facts): Promise<OtherSpace> {
  const etc = await machine.walk('/etc');
  return {
    initramfsBytes: Math.max(
      facts.elsewhere?.initramfs.isDependent ? fullInitramfsBytes : 0,
      ...facts.kernels.map((kernel) => kernel.initramfs?.bytes ?? 0),
    ),
    etcBytes: etc.reduce((sum, { info }) => sum + Math.ceil(info.bytes / blockBytes) * blockBytes, 0),
    keepsVital: machine.root.can.has('live'),
  };
}
