import type { Check } from '../../../src/check/check.ts';
import { asideFolder } from '../../../src/files/set-aside-logs.ts';

/** Source: atop(1), raw files; atop's postinst. */
export const atopLogs: Check = {
  id: 'data/atop-logs',
  title: 'Logs of atop',
  about: {
    'data/atop-logs': {
      text:
        'atop writes what the kernel counts as it has it in memory. An atop of another word size cannot read that, ' +
        'nor can atopconvert, and the script of the package fails over it. So the logs are set aside before; the new ' +
        'atop begins with new ones.',
      source: 'atop(1), raw files; /var/lib/dpkg/info/atop.postinst',
    },
  },
  findings: ({ pair, facts: { inventory, atopLogs: logs } }) => {
    const isOld = inventory.packages.some(
      ({ name, architecture, state }) =>
        name === 'atop' && architecture === pair.source.name && state !== 'config-files',
    );
    if (!isOld || logs === undefined || logs.there.length === 0) return [];
    return [
      {
        id: 'data/atop-logs',
        severity: 'note',
        title: 'The new atop cannot read the logs of the old one',
        detail: `They are moved to ${asideFolder} before atop is replaced.`,
        affected: [...logs.there],
        remedies: [
          {
            hint: `To look at them later, use an atop of ${pair.source.name} in a chroot; atopsar prints text before.`,
          },
        ],
      },
    ];
  },
};
