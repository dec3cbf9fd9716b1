import { expect, test } from 'vitest';
import { changedByPackages } from '../../../src/services/boot-links.ts';

const wants = '/etc/systemd/system/multi-user.target.wants';

test('what scripts of packages enabled or disabled is found, and what somebody else did is not', () => {
  const before = {
    [`${wants}/cron.service`]: '/lib/systemd/system/cron.service',
    '/etc/systemd/system/apt-daily.timer': '/dev/null',
    '/etc/rc2.d/S01cron': '../init.d/cron',
    '/etc/rc2.d/K01off': '../init.d/off',
    '/etc/rc2.d/S01lost': '../init.d/lost',
    [`${wants}/crossgrade.service`]: '/lib/systemd/system/crossgrade.service',
  };
  const now = {
    [`${wants}/quota.service`]: '/lib/systemd/system/quota.service',
    [`${wants}/mine.service`]: '/lib/systemd/system/mine.service',
    '/etc/rc2.d/S02cron': '../init.d/cron',
    '/etc/rc2.d/S01off': '../init.d/off',
    '/etc/rc2.d/S01quota': '../init.d/quota',
  };
  const byPackages = new Set([`${wants}/quota.service`]);
  expect(changedByPackages({ before, now, byPackages })).toEqual([
    { path: '/etc/rc2.d/S01lost', before: '../init.d/lost' },
    { path: '/etc/rc2.d/S01quota' },
    { path: '/etc/systemd/system/apt-daily.timer', before: '/dev/null' },
    { path: `${wants}/cron.service`, before: '/lib/systemd/system/cron.service' },
    { path: `${wants}/quota.service` },
  ]);
});
