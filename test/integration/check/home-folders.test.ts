import { appendFileSync, chownSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { CheckReport } from '../../../src/check/check-report-schema.ts';
import { crossgradeAsText, withRoot } from '../../support/runs/faults.ts';

const old = '/usr/lib/i386-linux-gnu/own/program';

test('what is started for the owners of home folders is read, and nobody leads the check elsewhere', () =>
  withRoot('bookworm-minimal', async ({ directory }) => {
    const at = (path: string) => join(directory, path);
    const put = (path: string, text: string) => {
      mkdirSync(dirname(at(path)), { recursive: true });
      writeFileSync(at(path), text);
    };
    appendFileSync(at('/etc/passwd'), 'bob:x:1001:1001::/srv/people/bob:/bin/sh\n');
    put('/home/ann/.config/systemd/user/app.service', `[Service]\nExecStart=${old}\n`);
    put('/home/ann/.config/autostart/app.desktop', `[Desktop Entry]\nExec=${old} --hidden\n`);
    put('/home/ann/.profile', `export PATH=/usr/lib/i386-linux-gnu/own:$PATH\n`);
    put('/srv/people/bob/.config/systemd/user/app.service', `[Service]\nExecStart=${old}\n`);
    put('/var/spool/cron/crontabs/ann', `@daily ${old}\n`);
    // Into what is another's, what does not end, and itself.
    mkdirSync(at('/home/eve/.config'), { recursive: true });
    symlinkSync('/home/ann/.config/systemd', at('/home/eve/.config/systemd'));
    symlinkSync('/', at('/home/eve/.config/autostart'));
    symlinkSync('/proc', at('/home/eve/.config/environment.d'));
    symlinkSync('/home/ann/.profile', at('/home/eve/.profile'));
    mkdirSync(at('/home/loop'));
    symlinkSync('/home/loop/.config', at('/home/loop/.config'));
    for (let count = 0; count < 1200; count += 1) put(`/home/many/.config/systemd/user/${count}.service`, `#\n`);
    put('/home/many/.config/systemd/user/\u001b[2J\nx.service', `ExecStart=${old}\n`);
    for (const one of ['ann', 'eve']) chownSync(at(`/home/${one}`), 1000, 1000);

    const file = at('/tmp/report.json');
    const { code, text } = await crossgradeAsText(directory, 'check', '--verbose', '--json', file);
    expect(code).toBe(0);
    const report = JSON.parse(readFileSync(file, 'utf8')) as CheckReport;
    const found = report.findings.find(({ id }) => id === 'software/architecture-paths');
    const affected = found?.affected.filter((line) => !line.includes('/home/many/'));
    expect([...(affected ?? [])].sort()).toEqual([
      '/home/ann/.config/autostart/app.desktop, line 2: /usr/lib/i386-linux-gnu/own/program',
      '/home/ann/.config/systemd/user/app.service, line 2: /usr/lib/i386-linux-gnu/own/program',
      expect.stringMatching(/^\/home\/ann\/\.profile, line 1: \/usr\/lib\/i386-linux-gnu\/own/),
      '/srv/people/bob/.config/systemd/user/app.service, line 2: /usr/lib/i386-linux-gnu/own/program',
      '/var/spool/cron/crontabs/ann, line 1: /usr/lib/i386-linux-gnu/own/program',
    ]);
    // Nothing for root to do in a folder of somebody else's.
    const commands = found?.remedies.flatMap((one) => ('command' in one ? [one.command] : [])) ?? [];
    expect(commands.join('\n')).toContain('/var/spool/cron/crontabs/ann');
    expect(commands.join('\n')).not.toMatch(/\/home\/|\/srv\//);
    expect(JSON.stringify(report.notLookedAt)).toContain('201 files of /home/many');
    expect(text).not.toContain('\u001b[2J');
  }));
