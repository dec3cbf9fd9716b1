import type { Check } from '../../../src/check/check.ts';

const mebibyte = 1024 * 1024;
/** Debian's minimum for a system without a desktop. Measured with 410 packages: a check takes 90 MiB, a run 220, with apt and dpkg. */
const neededBytes = 256 * mebibyte;
/** Up to here it is felt that programs of 64 bit need more. */
const smallBytes = 1024 * mebibyte;

/** Source: Debian Installation Guide, “Meeting Minimum Hardware Requirements”. */
export const memory: Check = {
  id: 'machine/memory',
  title: 'Memory and swap',
  looksAt: { only: 'host', topics: ['memory and swap'] },
  about: {
    'machine/memory': {
      text:
        'apt keeps the package lists of both architectures in memory, dpkg its whole database. When memory runs out, ' +
        'the kernel ends programs, perhaps one of these. On a server of 410 packages a check took 90 MiB, and a run 220 ' +
        'at its worst moment.',
      source: 'Debian Installation Guide, 3.4 Meeting Minimum Hardware Requirements; proc(5), /proc/meminfo',
    },
    'machine/small-memory': {
      text:
        'Each pointer of a 64-bit program is twice as large, so the same services take more memory afterwards: how much ' +
        'depends on the program. Where memory is just enough now, swap keeps the kernel from ending programs.',
      source: 'Debian Installation Guide, 3.4 Meeting Minimum Hardware Requirements; swapon(8)',
    },
  },
  findings: ({ survey }) => {
    const { memory: found, mounts, virtualization } = survey?.hardware?.host ?? {};
    if (!found || found.total === 0) return [];
    const { total, available, swapFree } = found;
    const numbers =
      `Of ${inMebibytes(total)} of memory ${inMebibytes(available)} can be used, and of swap ` +
      `${inMebibytes(swapFree)} are free.`;
    // What a container may take is for its host to say.
    const isContainer = virtualization?.kind === 'container';
    const root = mounts?.filter(({ mountPoint }) => mountPoint === '/').at(-1);
    const swap = isContainer ? [] : swapFile(root?.type);
    if (available + swapFree < neededBytes) {
      return [
        {
          id: 'machine/memory',
          severity: 'warning',
          title: 'There is little memory left',
          detail: `${numbers} The crossgrade should have ${inMebibytes(neededBytes)} in all.`,
          affected: [],
          remedies: [
            {
              hint: `Stop services that you can do without for an hour${swap.length > 0 ? ', or add a swap file:' : '.'}`,
            },
            ...swap,
          ],
        },
      ];
    }
    if (total > smallBytes) return [];
    return [
      {
        id: 'machine/small-memory',
        severity: 'note',
        title: 'This machine has little memory for a 64-bit system',
        detail: `${numbers} That is enough for the crossgrade. Programs of 64 bit take more for the same work.`,
        affected: [],
        remedies: [
          swap.length > 0 && swapFree < neededBytes
            ? { hint: 'Where services take nearly all of it now, add a swap file; a line in /etc/fstab keeps it:' }
            : { hint: 'See that there is something left of it when all services are at work: free -m' },
          ...(swapFree < neededBytes ? swap : []),
        ],
      },
    ];
  },
};

function inMebibytes(bytes: number): string {
  return `${Math.floor(bytes / mebibyte)} MiB`;
}

/** @returns the command, where the root filesystem can have such a file: on ZFS and what is no disk it cannot */
function swapFile(type: string | undefined): readonly { readonly command: string }[] {
  const make: Readonly<Record<string, string>> = {
    ext4: plain,
    xfs: plain,
    // It must neither be copied on write nor compressed.
    btrfs: `touch /swapfile && chattr +C /swapfile && ${plain}`,
  };
  const made = make[type ?? ''];
  return made === undefined
    ? []
    : [{ command: `test ! -e /swapfile && ${made} && chmod 600 /swapfile && mkswap /swapfile && swapon /swapfile` }];
}

/** Where there is no space for it, it says so at once, and takes none. What it makes serves as swap there: swapon(8), Limitations. */
const plain = 'fallocate --length 512M /swapfile';
