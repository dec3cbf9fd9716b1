import { expect, test } from 'vitest';
import { parseStatOverrides } from '../../../src/dpkg/stat-overrides.ts';

/** From a bookworm server with postfix, cron and D-Bus; the last two made up. */
const recorded = `root postdrop 2555 /usr/sbin/postqueue
root crontab 2755 /usr/bin/crontab
root messagebus 4754 /usr/lib/dbus-1.0/dbus-daemon-launch-helper
redis redis 640 /etc/redis/redis.conf
#33 #33 0700 /srv/with space
`;

test('overrides are read as written', () => {
  const overrides = parseStatOverrides(recorded, 'statoverride');
  expect(overrides).toHaveLength(5);
  expect(overrides[2]).toEqual({
    user: 'root',
    group: 'messagebus',
    mode: '4754',
    path: '/usr/lib/dbus-1.0/dbus-daemon-launch-helper',
  });
  expect(overrides[4]).toEqual({ user: '#33', group: '#33', mode: '0700', path: '/srv/with space' });
});

test('an empty file has none', () => {
  expect(parseStatOverrides('', 'statoverride')).toEqual([]);
});

test.each([
  ['an empty line', 'root root 755 /a\n\nroot root 755 /b\n', 2],
  ['a mode that is not octal', 'root root 0855 /a\n', 1],
  ['a missing path', 'root root 755\n', 1],
  ['a file that was cut off', 'root root 755 /a\nroot ro', 2],
])('%s is told with its line', (_, text, line) => {
  expect(() => parseStatOverrides(text, 'statoverride')).toThrow(
    expect.objectContaining({ code: 'CG0101', message: expect.stringContaining(`statoverride, line ${line}, `) }),
  );
});
