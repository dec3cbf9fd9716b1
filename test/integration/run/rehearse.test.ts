import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { type RehearsalReport, rehearsalReportSchema } from '../../../src/rehearsal/rehearsal-report.ts';
import { diffRootStates, readRootState } from '../../support/roots/root-state.ts';
import { bundle, crossgrade, crossgradeAsText, startCrossgrade, tail, withRoot } from '../../support/runs/faults.ts';

/** What is crossgrade's own, and the folders that it lies in. */
const own = /^\/var\/(?:lib|cache)\/crossgrade(?:\/|$)/;

function reportIn(directory: string): RehearsalReport {
  const { packages: _, ...report } = JSON.parse(
    readFileSync(join(directory, 'var/lib/crossgrade/rehearsal.json'), 'utf8'),
  );
  return rehearsalReportSchema.parse(report);
}

/** Others may be at work meanwhile, but on no view. */
function viewFolders(): string[] {
  return readdirSync('/var/tmp').filter((name) => existsSync(join('/var/tmp', name, 'store')));
}

describe('a rehearsal', () => {
  test('comes to the end of a run, and leaves each byte of the root as it was', () =>
    withRoot('bookworm-minimal', async ({ directory }) => {
      const before = readRootState(directory, [own]);
      const folders = viewFolders();
      const { code, text } = await crossgradeAsText(directory, 'rehearse', '--yes');
      expect(code, text).toBe(0);
      expect(diffRootStates(before, readRootState(directory, [own]))).toEqual([]);
      expect(viewFolders()).toEqual(folders);
      const { result, changes, comparison, notRehearsed } = reportIn(directory);
      expect({ result, unexplained: changes.unexplained, notRehearsed }).toEqual({
        result: 'as-planned',
        unexplained: [],
        notRehearsed: [],
      });
      expect(comparison?.rows).toContainEqual({ area: 'packages', label: '  i386', before: '78', after: '0' });
      expect(
        readdirSync(join(directory, 'var/cache/crossgrade/archives')).filter((name) => name.endsWith('.deb')),
      ).toHaveLength(78);
      const status = await crossgradeAsText(directory, 'status');
      expect(status.text.replaceAll(/\s+/g, ' ')).toContain('no package was changed since.');
      // What was kept is no hindrance.
      const run = await crossgrade(directory, 'run', '--yes');
      expect(run.code, tail(run)).toBe(0);
    }));

  test('shows where a run would stop', () =>
    withRoot('bookworm-minimal', async ({ directory }) => {
      writeFileSync(join(directory, 'var/lib/dpkg/info/hostname.prerm'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
      const before = readRootState(directory, [own]);
      const { code, text } = await crossgradeAsText(directory, 'rehearse', '--yes');
      expect(code, text).toBe(1);
      expect(text).toContain('A run would stop at switch/');
      expect(text).toContain('CG0223');
      expect(text).not.toContain('crossgrade resume');
      // What dpkg said is still to be read.
      expect(text).toContain('log /var/lib/crossgrade/rehearsal.log');
      expect(readFileSync(join(directory, 'var/lib/crossgrade/rehearsal.log'), 'utf8')).toContain('hostname');
      expect(diffRootStates(before, readRootState(directory, [own]))).toEqual([]);
      expect(reportIn(directory)).toMatchObject({ result: 'failed', failure: { code: 'CG0223' } });
    }));

  test('that is killed leaves one folder, which the next start takes away', () =>
    withRoot('bookworm-minimal', async ({ directory }) => {
      const before = readRootState(directory, [own]);
      const folders = new Set(viewFolders());
      const words = [bundle(), 'rehearse', '--root', directory, '--yes', '--output', 'json'];
      const outer = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
      let told = '';
      outer.stdout.setEncoding('utf8').on('data', (text: string) => {
        told += text;
      });
      const ended = new Promise((resolve) => outer.on('exit', resolve));
      while (!told.includes('"batch-started"') && outer.exitCode === null) await sleep(50);
      const made = viewFolders().filter((name) => !folders.has(name));
      expect(made.length, told).toBeGreaterThan(0);
      process.kill(-(outer.pid ?? 0), 'SIGKILL');
      await ended;
      // Its namespaces end by themselves, when dpkg has ended.
      for (let turn = 0; turn < 300 && keepers(made).length > 0; turn += 1) await sleep(100);
      await crossgradeAsText(directory, 'check', '--scan', 'none');
      expect(viewFolders().filter((name) => made.includes(name))).toEqual([]);
      expect(diffRootStates(before, readRootState(directory, [own]))).toEqual([]);
      expect(existsSync(join(directory, 'var/lib/crossgrade/state.json'))).toBe(false);
    }));

  test('takes what lies in the root folder as it is, and lets no script reach the disks and the kernel', () =>
    withRoot('bookworm-minimal', async ({ directory }) => {
      const inside = (path: string) => join(directory, path);
      // On each ext4 there is one.
      mkdirSync(inside('lost+found'));
      mkdirSync(inside('a,b:c \\ "d"\nLABEL=e'));
      mkdirSync(Buffer.concat([Buffer.from(inside('donn')), Buffer.from([0xe9]), Buffer.from('es')]));
      execFileSync('mkfifo', [inside('pipe')]);
      writeFileSync(inside('large'), '');
      truncateSync(inside('large'), 3 * 2 ** 30);
      mkdirSync(inside('var/cache/crossgrade/archives'), { recursive: true });
      symlinkSync('/nowhere', inside('var/cache/crossgrade/archives/odd_1_amd64.deb'));
      writeFileSync(inside('var/lib/dpkg/info/hostname.prerm'), reaching, { mode: 0o755 });
      const before = readRootState(directory, [own, /^\/donn/]);
      // An environment that was kept from somewhere is no proof that nobody sees what is mounted.
      const environment = { CROSSGRADE_OUTER_MOUNTS: 'mnt:[1]' };
      const working = startCrossgrade(directory, ['rehearse', '--yes'], { environment });
      await working.until(({ type }) => type === 'batch-started');
      const seen = readFileSync('/proc/self/mountinfo', 'utf8');
      const ending = await working.ended;
      expect(seen).not.toMatch(/\/crossgrade-[^ ]*\/store/);
      const { failure, changes, notRehearsed } = reportIn(directory);
      expect(failure?.code, tail(ending)).toBe('CG0223');
      const said = readFileSync(inside('var/lib/crossgrade/rehearsal.log'), 'utf8');
      expect(said).toContain('REACHING');
      expect(said).not.toMatch(/REACHED/);
      expect(changes.unexplained).toEqual([]);
      expect(notRehearsed.map(({ what }) => what).sort()).toEqual(['/donn\ufffdes', '/large', '/pipe']);
      expect(diffRootStates(before, readRootState(directory, [own, /^\/donn/]))).toEqual([]);
    }));

  test('says what it needs where it may not mount', () =>
    withRoot('bookworm-minimal', async ({ directory }) => {
      chmodSync(dirname(bundle()), 0o755);
      const as = (...words: string[]) => {
        const argv = [...words, process.execPath, bundle(), 'rehearse', '--root', directory, '--yes'];
        const { status, stderr } = spawnSync('setpriv', argv, { encoding: 'utf8' });
        return `${status} ${stderr}`;
      };
      expect(as('--reuid=65534', '--regid=65534', '--clear-groups')).toMatch(/^1 CG0476 .*Nothing has been changed/s);
      expect(as('--bounding-set=-sys_admin')).toMatch(/^1 CG0471 .*Nothing was changed/s);
    }));
});

/** Each device would be one that this machine lets us open; the setting gets the value that it has. */
const reaching = `#!/bin/sh
exec 2>&1
echo REACHING
f=/proc/sys/kernel/printk_ratelimit
(cat $f > /tmp/value && cat /tmp/value > $f) && echo REACHED the kernel
for place in / /tmp/ /dev/ /dev/shm/ /run/ /var/; do
  mknod "\${place}made" c 1 3 && echo x > "\${place}made" && echo "REACHED a device by $place"
  rm -f "\${place}made"
done
echo x > /dev/null && head -c 1 /dev/zero > /dev/full 2> /dev/null && echo REACHED a disk that is never full
[ "$(head -c 1 /dev/urandom | wc -c)" = 1 ] || echo REACHED no device at all
mount -t tmpfs none /mnt && echo REACHED mount
ls /proc/1/root/ && echo REACHED the root of the keeper
exit 1
`;

function keepers(folders: readonly string[]): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return folders.some((folder) => words.includes(folder));
    } catch {
      return false;
    }
  });
}
