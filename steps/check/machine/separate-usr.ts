import type { Check } from '../../../src/check/check.ts';

/** Source: initramfs-tools(7). */
export const separateUsr: Check = {
  id: 'machine/separate-usr',
  title: '/usr on a filesystem of its own, and the initramfs',
  looksAt: { only: 'host', topics: ['what is mounted'] },
  about: {
    'machine/separate-usr': {
      text:
        'Where /usr is a filesystem of its own, only an initramfs can mount it early enough. Debian’s kernels come up ' +
        'without one only when everything is on one filesystem.',
      source: 'initramfs-tools(7); Debian 9 release notes, “Late mounting of /usr is no longer supported”',
    },
  },
  findings: ({ root, facts, survey }) => {
    const { host } = survey?.hardware ?? {};
    const separate = host?.mounts.some(({ mountPoint }) => mountPoint === '/usr') === true;
    if (!separate || !root.can.has('boot') || facts.initramfsGenerator || host?.virtualization?.kind === 'container') {
      return [];
    }
    return [
      {
        id: 'machine/separate-usr',
        severity: 'warning',
        title: '/usr is a filesystem of its own, and there is no program to make an initramfs',
        detail: 'The new kernel cannot mount /usr before it starts the system, and so may not come up.',
        affected: ['/usr'],
        remedies: [{ command: 'apt-get install initramfs-tools' }],
      },
    ];
  },
};
