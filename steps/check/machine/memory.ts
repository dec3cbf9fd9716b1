import type { Check } from '../../../src/check/check.ts';

const mebibyte = 1024 * 1024;
/** Debian's minimum for a system without a desktop; apt with the lists of two architectures takes most of it. */
const neededBytes = 256 * mebibyte;

/** Source: Debian Installation Guide, “Meeting Minimum Hardware Requirements”. */
export const memory: Check = {
  id: 'machine/memory',
  title: 'Memory and swap',
  looksAt: { only: 'host', topics: ['memory and swap'] },
  about: {
    'machine/memory': {
      text:
        'apt keeps the package lists of both architectures in memory, dpkg its whole database. When memory runs out, ' +
        'the kernel ends programs, perhaps one of these. Programs of 64 bit also need more of it for their work.',
      source: 'Debian Installation Guide, 3.4 Meeting Minimum Hardware Requirements; proc(5), /proc/meminfo',
    },
  },
  findings: ({ survey }) => {
    const { memory: found } = survey?.hardware?.host ?? {};
    if (!found || found.total === 0 || found.available + found.swapFree >= neededBytes) return [];
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
          {
            command:
              'test ! -e /swapfile && dd if=/dev/zero of=/swapfile bs=1M count=512 && chmod 600 /swapfile && mkswap /swapfile && swapon /swapfile',
          },
        ],
      },
    ];
  },
};
