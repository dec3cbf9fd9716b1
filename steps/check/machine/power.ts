import type { Check } from '../../../src/check/check.ts';

/** Source: the kernel's documentation of /sys/class/power_supply. */
export const power: Check = {
  id: 'machine/power',
  title: 'Power supply and battery',
  looksAt: { only: 'host', topics: ['power supplies'] },
  about: {
    'machine/on-battery': {
      text:
        'A crossgrade can go on after a power cut, but a machine whose battery runs empty is away until somebody comes, ' +
        'and one that goes to sleep over it loses its connections. Replacing all programs also takes much power.',
      source: '/sys/class/power_supply; Linux, Documentation/ABI/testing/sysfs-class-power',
    },
  },
  findings: ({ survey }) => {
    const { power: found, virtualization } = survey?.hardware?.host ?? {};
    if (found?.onBattery !== true || virtualization?.kind === 'container') return [];
    const charge = found.percent === undefined ? '' : `, which has ${found.percent} % left`;
    return [
      {
        id: 'machine/on-battery',
        severity: 'warning',
        title: 'This machine runs on its battery',
        detail: `No power supply is connected: it runs on its battery${charge}.`,
        affected: [],
        remedies: [{ hint: 'Connect the power supply, and leave it connected until the crossgrade is done.' }],
      },
    ];
  },
};
