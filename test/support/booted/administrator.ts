import { expect } from 'vitest';
import type { VerifyReport } from '../../../src/compare/verify-report.ts';
import { inRoot } from '../runs/conversion.ts';
import { crossgradeAsText } from '../runs/faults.ts';

/** What an administrator has set on a server by hand, in files of packages and in ones of his own. */
const settings = `set -e
printf '#!/bin/sh\\n' > /usr/local/bin/reader
chmod 755 /usr/local/bin/reader
setcap cap_dac_read_search=ep /usr/local/bin/reader
setcap cap_net_bind_service=ep /usr/bin/logger
dpkg-statoverride --update --add root daemon 4750 /usr/bin/chage
useradd --uid 1500 --create-home --shell /bin/bash olga
mkdir -m 2770 /var/lib/ours
touch /var/lib/ours/data
chown -R olga:adm /var/lib/ours
echo '0 4 * * * /usr/local/bin/reader' > /var/spool/cron/crontabs/olga
chown olga:crontab /var/spool/cron/crontabs/olga
chmod 600 /var/spool/cron/crontabs/olga`;

const questions = `getcap /usr/local/bin/reader /usr/bin/logger
stat -c '%a %U:%G' /usr/bin/chage /var/lib/ours /var/lib/ours/data /var/spool/cron/crontabs/olga
getent passwd olga`;

const spoiled = `setcap -r /usr/bin/logger
chmod 4755 /usr/bin/chage
chown -R root:root /var/lib/ours
chmod u+s /usr/local/bin/reader
usermod --shell /bin/nosuch olga
rm /var/spool/cron/crontabs/olga
echo /usr/local/lib/libhook.so > /etc/ld.so.preload`;

async function shell(directory: string, script: string): Promise<string> {
  const [ran] = await inRoot(directory, ['sh', '-c', script]);
  expect(ran?.exitCode, ran?.stderr).toBe(0);
  return ran?.stdout ?? '';
}

/** @returns asks whether all of it is as it was, and whether verify finds what is spoiled */
export async function settleIn(directory: string): Promise<() => Promise<void>> {
  await shell(directory, settings);
  const before = await shell(directory, questions);
  return async () => {
    expect(await shell(directory, questions)).toBe(before);
    await shell(directory, spoiled);
    const { code, text } = await crossgradeAsText(directory, 'verify', '--json');
    expect(code).toBe(1);
    const { differences } = JSON.parse(text.slice(text.indexOf('{'))) as VerifyReport;
    const open = differences.filter(({ explanation }) => explanation === null);
    const here = `chroot ${directory}`;
    expect(open.map(({ area, what, command = '' }) => `${area}: ${what} ${command}`)).toEqual([
      'etc: /etc/ld.so.preload is new ',
      `files: /var/lib/ours is root:root 2770; it was olga:adm 2770 ${here} sh -c 'chown -h 1500:4 /var/lib/ours && chmod 2770 /var/lib/ours'`,
      'files: /var/lib/ours/data is root:root 644; it was olga:adm 644; its folder is not root’s alone: look at what it is before you change it ',
      `files: /usr/bin/chage is root:daemon 4755; it was root:daemon 4750 ${here} chmod 4750 /usr/bin/chage`,
      'files: /usr/local/bin/reader is root:root 4755 now ',
      `files: /usr/bin/logger has no capability; before: cap_net_bind_service=ep ${here} setcap cap_net_bind_service=ep /usr/bin/logger`,
      'accounts: the account olga changed, shell: /bin/nosuch (before: /bin/bash) ',
      'accounts: the job /var/spool/cron/crontabs/olga is gone ',
      'accounts: the login shell /bin/nosuch of olga does not start ',
      'programs: amd64 programs cannot load /usr/local/lib/libhook.so, which /etc/ld.so.preload names: take it out, or build it for amd64 ',
    ]);
    await shell(directory, 'rm /etc/ld.so.preload && usermod --shell /bin/bash olga');
  };
}
