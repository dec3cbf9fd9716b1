import { mountOf } from '../../../src/base/mount.ts';
import type { Check } from '../../../src/check/check.ts';

const mebibyte = 1024 * 1024;
/** Debian's minimum for a system without a desktop; apt with the lists of two architectures takes most of it. */
const neededBytes = 256 * mebibyte;
/** A file made by fallocate(1) serves as swap there: swapon(8), Limitations. */
const swappable = ['ext4', 'xfs'];

/** Source: Debian Installation Guide, “Meeting Minimum Hardware Requirements”. */
export const memory: Check = {
  id: 'machine/memory',
  about: {
    'machine/memory': {
      text:
        'apt keeps the package lists of both architectures in memory, dpkg its whole database. When memory runs out, ' +
        'the kernel ends programs, perhaps one of these. Programs of 64 bit also need more of it for their work.',
      source: 'Debian Installation Guide, 3.4 Meeting Minimum Hardware Requirements; proc(5), /proc/meminfo',
    },
  },
  findings: ({ survey }) => {
    const { memory: found, mounts = [], virtualization } = survey?.hardware?.host ?? {};
    if (!found || found.total === 0 || found.available + found.swapFree >= neededBytes) return [];
    const { type = '' } = mountOf(mounts, '/swapfile') ?? {};
    const canSwapToFile = virtualization?.kind !== 'container' && swappable.includes(type);
    const inMebibytes = (bytes: number): string => `${Math.floor(bytes / mebibyte)} MiB`;
    return [
      {
        id: 'machine/memory',
        severity: 'warning',
        title: 'There is little memory left',
        detail:
          `Of ${inMebibytes(found.total)} of memory ${inMebibytes(found.available)} can be used, and of swap ` +
          `${inMebibytes(found.swapFree)} are free. The crossgrade should have ${inMebibytes(neededBytes)} in all.`,
        affected: [],
        remedies: [
          { hint: 'Stop services that you can do without for an hour, or add a swap file:' },
          ...(canSwapToFile
            ? [
                {
                  // Where there is no space for it, it says so at once, and takes none.
                  command:
                    'test ! -e /swapfile && fallocate --length 512M /swapfile && chmod 600 /swapfile && mkswap /swapfile && swapon /swapfile',
                },
              ]
            : [{ hint: 'A swap file on this filesystem needs more than a command: see swapon(8) on its limits.' }]),
        ],
      },
    ];
  },
};
