import { describe, expect, test } from 'vitest';
import { findPair } from '../../../src/debian/architecture.ts';
import { type AccountTexts, compareAccounts, loginShells } from '../../../src/files/accounts.ts';
import {
  compareCapabilities,
  compareOwners,
  foldersOf,
  isFoldersAlone,
  parseOwners,
} from '../../../src/files/file-owners.ts';
import { compareJobs, type Waiting } from '../../../src/files/jobs.ts';

const pair = findPair('i386', 'amd64');
if (pair === undefined) throw new Error('no such pair');
const context = {
  pair,
  ofNewPackages: new Set(['/usr/bin/new']),
  broughtFolders: { '/var/lib/tool': ['tool'], '/var/lib/old': ['old', 'libold'], '/var/spool/tool': ['tool'] },
  gonePackages: new Set(['old', 'libold']),
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
      "chmod 600 $'/srv/it\\'s\\012here'",
    );
    expect(compared(['l 777 0 0 /srv/l'], ['l 777 0 4 /srv/l'])[0]).toMatch(/\| chown -h 0:0 \/srv\/l$/);
  });

  test('that a package’s program changes by itself have a reason', () => {
    const path = '/var/lib/mysql/mysql_upgrade_info';
    expect(compared([`f 644 0 0 ${path}`], [`f 644 33 33 ${path}`])[0]).toContain('| MariaDB’s upgrade program');
  });

  test('of what comes and goes are no matter, but a folder of data is', () => {
    expect(compared(['f 600 0 0 /var/lib/a/x'], ['f 644 0 0 /var/lib/a/y'])).toEqual([]);
    const folders = ['/srv/shop', '/var/www/site', '/var/spool/letters', '/var/mail/olga', '/var/lib/app/uploads'];
    const held = folders.flatMap((path) => [`d 755 0 0 ${path}`, `d 755 0 0 ${path}/in`, `f 644 0 0 ${path}/in/x`]);
    expect(compared(held, [])).toEqual(folders.map((path) => `the folder ${path} is gone | ? | `));
    // Within a folder that is gone, and deeper.
    expect(compared(['d 755 0 0 /var/lib/a', 'd 755 0 0 /var/lib/a/b', 'f 644 0 0 /var/lib/a/b/c'], [])).toHaveLength(
      1,
    );
    expect(compared(['d 755 0 0 /srv/a/b', 'f 644 0 0 /srv/a/b/c'], [])).toEqual([]);
    expect(compared(['d 755 0 0 /srv', 'd 755 0 0 /srv/a'], [])).toEqual(['/srv is no folder any more | ? | ']);
  });

  test('of a folder that a package takes with it have a reason', () => {
    const file = 'f 644 0 0 /var/lib/log';
    expect(compared(['d 755 0 0 /var/lib/old', 'f 644 0 0 /var/lib/old/x'], [file])).toEqual([
      'the folder /var/lib/old is gone | it came with old, libold, which went as planned | ',
    ]);
    // Empty ones, which dpkg takes away.
    const empty = ['d 755 0 0 /var/lib/x/y', 'd 755 0 0 /var/spool/tool', 'd 755 0 0 /var/lib/tool'];
    expect(compared([...empty, file], [file])).toEqual([]);
    expect(compared([...empty, 'f 644 0 0 /var/lib/tool/x', file], [file])).toEqual([
      'the folder /var/lib/tool is gone | ? | ',
    ]);
    const own = '/var/lib/x/i386-linux-gnu';
    expect(compared([`d 755 0 0 ${own}`, `f 644 0 0 ${own}/cache`], [])).toEqual([
      `the folder ${own} is gone | belongs to i386 | `,
    ]);
    expect(compared([`d 755 0 0 ${own}`], ['d 755 0 0 /var/lib/x/x86_64-linux-gnu'])).toEqual([]);
    // Whether they held files nobody knows where the folders were recorded alone.
    expect(compared(['d 755 0 0 /var/lib/x/y'], [])).toEqual(['the folder /var/lib/x/y is gone | ? | ']);
  });

  test('of the folders alone are known as such', () => {
    const folders = ['d 755 0 0 /srv/a', 'f 4755 0 0 /usr/bin/su'];
    expect(isFoldersAlone(owners(...folders))).toBe(true);
    expect(isFoldersAlone(owners(...folders, 'f 644 0 0 /srv/a/x'))).toBe(false);
    expect(foldersOf(owners(...folders, 'f 644 0 0 /srv/a/x'))).toEqual(owners(...folders));
  });

  test('of a folder of /var/lib are no matter when it is another thing now', () => {
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
  const [came] = compareCapabilities([], [other], pair, new Set(), new Set([other.path])).differences;
  expect(came?.explanation).toBe('it came with a package that is new');
});

test('capabilities that nobody could ask for are not the same', () => {
  const ping = { path: '/usr/bin/ping', capability: 'cap_net_raw=ep' };
  const tell = (...[before, now]: (readonly (typeof ping)[] | undefined)[]) => compareCapabilities(before, now, pair);
  const without = 'getcap(8), of the package libcap2-bin, could not be asked';
  expect(tell(undefined, undefined)).toEqual({
    rows: [],
    differences: [{ what: 'capabilities of files were not compared', explanation: without }],
  });
  expect(tell(undefined, [ping]).differences[0]?.explanation).toBe(`${without} before the run`);
  expect(tell([], undefined).differences[0]?.explanation).toBe(without);
  expect(tell([ping], undefined).differences).toEqual([
    {
      what: 'capabilities of files were not compared',
      explanation: null,
      details: ['/usr/bin/ping had cap_net_raw=ep'],
    },
  ]);
});

describe('accounts', () => {
  const before: AccountTexts = {
    passwd: 'root:x:0:0:root:/root:/bin/bash\nolga:x:1000:1000:Olga:/home/olga:/bin/zsh\n',
    shadow: 'root:$y$secret:19000:0:99999:7:::\n',
    group: 'adm:x:4:olga\n',
  };
  const changes = (now: AccountTexts) =>
    compareAccounts(before, { ...before, ...now }, (name) =>
      name === '_new' ? 'made by a script of new' : undefined,
    ).differences.map(({ what, explanation }) => `${what} | ${explanation ?? '?'}`);

  test('may come in another order, and be made by packages', () => {
    const [root, olga] = before.passwd?.split('\n') ?? [];
    expect(changes({ passwd: `${olga}\n${root}\n` })).toEqual([]);
    expect(changes({ passwd: `${before.passwd}_new:x:120:65534::/nonexistent:/usr/sbin/nologin\n` })).toEqual([
      'the account _new is new | made by a script of new',
    ]);
    expect(changes({ passwd: `${before.passwd}toor:x:121:65534::/root:/bin/sh\n` })).toEqual([
      'the account toor is new | ?',
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
