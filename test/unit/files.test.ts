import { describe, expect, test } from 'vitest';
import { findPair } from '../../src/core/architecture.ts';
import { type AccountTexts, compareAccounts, loginShells } from '../../src/core/picture/accounts.ts';
import { compareCapabilities, compareOwners, parseOwners } from '../../src/core/picture/files.ts';
import { compareJobs, type Waiting } from '../../src/core/picture/jobs.ts';

const pair = findPair('i386', 'amd64');
if (pair === undefined) throw new Error('no such pair');
const context = {
  pair,
  ofNewPackages: new Set(['/usr/bin/new']),
  users: new Map([['0', 'root']]),
  groups: new Map([
    ['0', 'root'],
    ['4', 'adm'],
  ]),
};
const owners = (...entries: string[]) => parseOwners(entries.map((entry) => `${entry}\0`).join(''));
const compared = (before: string[], now: string[]) =>
  compareOwners(owners(...before), owners(...now), context).differences.map(
    ({ what, explanation, command }) => `${what} | ${explanation ?? '?'} | ${command ?? ''}`,
  );

describe('owners and modes', () => {
  test('that changed are named, with what sets them back', () => {
    expect(compared(['d 2770 33 4 /var/lib/a'], ['d 755 0 0 /var/lib/a'])).toEqual([
      '/var/lib/a is root:root 755; it was 33:adm 2770 | ? | chown -h 33:4 /var/lib/a && chmod 2770 /var/lib/a',
    ]);
    expect(compared(["f 600 0 0 /srv/it's\nhere"], ["f 644 0 0 /srv/it's\nhere"])[0]).toContain(
      "chmod 600 '/srv/it'\\''s\nhere'",
    );
    expect(compared(['l 777 0 0 /srv/l'], ['l 777 0 4 /srv/l'])[0]).toMatch(/\| chown -h 0:0 \/srv\/l$/);
  });

  test('that a package’s program changes by itself have a reason', () => {
    const path = '/var/lib/mysql/mysql_upgrade_info';
    expect(compared([`f 644 0 0 ${path}`], [`f 644 33 33 ${path}`])[0]).toContain('| MariaDB’s upgrade program');
  });

  test('of what comes and goes are no matter, but a folder of /var/lib is', () => {
    expect(compared(['f 600 0 0 /var/lib/a/x'], ['f 644 0 0 /var/lib/a/y'])).toEqual([]);
    expect(compared(['d 755 0 0 /var/lib/a'], [])).toEqual(['the folder /var/lib/a is gone | ? | ']);
    expect(compared(['f 600 0 0 /var/lib/a'], ['d 755 0 0 /var/lib/a'])).toEqual([]);
  });

  test('of a program are found at the place of the other architecture', () => {
    const [old, now] = ['i386', 'x86_64'].map((name) => `/usr/lib/${name}-linux-gnu/utempter/utempter`);
    expect(compared([`f 2755 0 4 ${old}`], [`f 2755 0 4 ${now}`])).toEqual([]);
    expect(compared([`f 2755 0 4 ${old}`], [`f 2755 0 0 ${now}`])).toHaveLength(1);
  });

  test('with the rights of others are named when they are new', () => {
    expect(compared([], ['f 4755 0 0 /usr/bin/new', 'f 4755 0 0 /usr/bin/x', 'f 755 0 0 /usr/bin/y'])).toEqual([
      '/usr/bin/new is root:root 4755 now | it came with a package that is new | ',
      '/usr/bin/x is root:root 4755 now | ? | ',
    ]);
  });
});

test('capabilities that are lost or new are named', () => {
  const [ping, other] = ['/usr/bin/ping', '/usr/bin/other'].map((path) => ({ path, capability: 'cap_net_raw=ep' }));
  if (!ping || !other) throw new Error('there are two');
  expect(compareCapabilities([ping], [ping], pair).differences).toEqual([]);
  expect(compareCapabilities([ping], [other], pair).differences.map(({ what, command }) => [what, command])).toEqual([
    ['/usr/bin/ping has no capability; before: cap_net_raw=ep', 'setcap cap_net_raw=ep /usr/bin/ping'],
    ['/usr/bin/other has cap_net_raw=ep now', undefined],
  ]);
});

describe('accounts', () => {
  const before: AccountTexts = {
    passwd: 'root:x:0:0:root:/root:/bin/bash\nolga:x:1000:1000:Olga:/home/olga:/bin/zsh\n',
    shadow: 'root:$y$secret:19000:0:99999:7:::\n',
    group: 'adm:x:4:olga\n',
  };
  const changes = (now: AccountTexts) =>
    compareAccounts(before, { ...before, ...now }).differences.map(
      ({ what, explanation }) => `${what} | ${explanation ?? '?'}`,
    );

  test('may come in another order, and be made by packages', () => {
    const [root, olga] = before.passwd?.split('\n') ?? [];
    expect(changes({ passwd: `${olga}\n${root}\n` })).toEqual([]);
    expect(changes({ passwd: `${before.passwd}_new:x:120:65534::/nonexistent:/usr/sbin/nologin\n` })).toEqual([
      'the account _new is new | a package made it for its service',
    ]);
    expect(changes({ passwd: `${before.passwd}eve:x:1001:1001::/home/eve:/bin/sh\n` })).toEqual([
      'the account eve is new | ?',
    ]);
  });

  test('may not be lost or changed, and their secrets are not shown', () => {
    expect(changes({ passwd: 'root:x:0:0:root:/root:/bin/sh\n' })).toEqual([
      'the account root changed, shell: /bin/sh (before: /bin/bash) | ?',
      'the account olga is gone | ?',
    ]);
    expect(changes({ shadow: 'root:*:19000:0:99999:7:::\n' })).toEqual([
      'the password entry of root changed, password | ?',
    ]);
    expect(changes({ group: 'adm:x:4:\n' })).toEqual(['the group adm changed, members: none (before: olga) | ?']);
  });

  test('have shells that they log in with', () => {
    const passwd = `${before.passwd}www-data:x:33:33::/var/www:/usr/sbin/nologin\nodd:x:7:7::/:\n`;
    expect([...loginShells(passwd)]).toEqual([
      ['/bin/bash', ['root']],
      ['/bin/zsh', ['olga']],
      ['/bin/sh', ['odd']],
    ]);
  });
});

describe('jobs', () => {
  const crontab = '/var/spool/cron/crontabs/olga';
  // Number 1 of queue a, at minute 0x1000.
  const atJob = '/var/spool/cron/atjobs/a0000100001000';
  const before: Waiting = { version: 1, jobs: { [crontab]: 'a', [atJob]: 'b' }, queuedMail: 3 };
  const changes = (now: Partial<Waiting>, time: number) =>
    compareJobs(before, { ...before, ...now }, time).differences.map(
      ({ what, explanation }) => `${what} | ${explanation ?? '?'}`,
    );

  test('stay, but for those of at whose time has come', () => {
    expect(changes({}, 0)).toEqual([]);
    expect(changes({ jobs: {} }, 0x1000 * 60 - 1)).toEqual([
      `the job ${crontab} is gone | ?`,
      `the job ${atJob} is gone | ?`,
    ]);
    expect(changes({ jobs: { [crontab]: 'c' } }, 0x1000 * 60)).toEqual([
      `${crontab} changed | ?`,
      `the job ${atJob} is gone | its time has come meanwhile`,
    ]);
  });

  test('mails may be delivered', () => {
    expect(changes({ queuedMail: 4 }, 0)).toEqual([]);
    expect(changes({ queuedMail: 1 }, 0)).toEqual([
      '2 mails are no longer in the queue | a mail server that runs delivers them when it can; its log says what became of them',
    ]);
  });
});
