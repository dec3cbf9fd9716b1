import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { type CheckReport, reportSchema } from '../../../src/check/check-report-schema.ts';
import { asNobody } from '../../support/roots/own-lists.ts';
import { diffRootStates, readRootState } from '../../support/roots/root-state.ts';
import { bundle, withRoot } from '../../support/runs/faults.ts';
import { onTerminal } from '../../support/screens/terminal.ts';

interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Waits for it; output is never a terminal here. */
function crossgrade(...words: string[]): Said {
  const environment = { ...process.env, LANG: 'C', LC_ALL: 'C', NO_COLOR: '' };
  try {
    const out = execFileSync(process.execPath, [bundle(), ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: environment,
      maxBuffer: 64 << 20,
    });
    return { code: 0, out, err: '' };
  } catch (error) {
    const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string };
    return { code: status, out: stdout, err: stderr };
  }
}

/** As dpkg leaves a package whose configuration was interrupted, and one that was removed but not purged. */
function spoil(directory: string): void {
  const file = join(directory, 'var/lib/dpkg/status');
  const text = readFileSync(file, 'utf8');
  const residual = [
    'Package: old-server',
    'Status: deinstall ok config-files',
    'Maintainer: Nobody <nobody@mirror.example>',
    'Architecture: i386',
    'Version: 1.0',
    'Config-Version: 1.0',
    'Conffiles:',
    ' /etc/old-server.conf d41d8cd98f00b204e9800998ecf8427e',
    'Description: was removed',
    '',
    '',
  ].join('\n');
  writeFileSync(file, text.replace(/\n*$/, '\n\n') + residual);
}

function hold(directory: string, isHalf: boolean): void {
  const file = join(directory, 'var/lib/dpkg/status');
  const [from, to] = ['install ok installed', 'install ok half-configured'];
  const words = isHalf ? [from, to] : [to, from];
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace(`Package: mount\nStatus: ${words[0]}`, `Package: mount\nStatus: ${words[1]}`));
}

test('the report of a root with a blocker and a decision, in every form; of one in the middle, and at the end', async () => {
  await withRoot('bookworm-minimal', async ({ directory }) => {
    const folder = mkdtempSync(join(tmpdir(), 'check-report-'));
    const file = (name: string) => join(folder, name);
    const check = (...words: string[]) => crossgrade('check', '--root', directory, ...words);
    try {
      spoil(directory);
      hold(directory, true);
      const before = readRootState(directory, []);
      const misspelt = check('--scan', '/usr/local,/optt');
      expect(misspelt.err).toMatch(/CG0461 +--scan names \/optt/);
      expect(misspelt.code).toBe(2);
      const blocked = check('--json', file('blocked.json'));
      expect(blocked.out).toMatch(/^BLOCKED: 1 blocker\. 1 decision to take\.$/m);
      expect(blocked.out).toContain('packages/unfinished: Packages are not completely installed (mount:i386');
      expect(blocked.out).toContain(`-> chroot ${directory} dpkg --configure -a`);
      expect(blocked.out).toContain('you decide: residual-config = keep, purge');
      expect(blocked.out.split('\n').length).toBeLessThanOrEqual(24);
      expect(blocked.code).toBe(3);
      expect(reportSchema.parse(JSON.parse(readFileSync(file('blocked.json'), 'utf8')))).toMatchObject({
        verdict: 'blocked',
        // Who mends this shall know what comes next.
        plan: { counts: { crossgraded: 78 } },
      });
      expect(diffRootStates(before, readRootState(directory, []))).toEqual([]);

      hold(directory, false);
      const template = check('--answers-template', file('answers.json'), '--html', file('report.html'), '--verbose');
      expect(template.out).toMatch(/^DECISIONS OPEN: 1 to take; nothing else blocks the crossgrade\.$/m);
      expect(template.err).toContain('keep   Keep it (recommended).');
      expect(template.code).toBe(3);
      expect(JSON.parse(readFileSync(file('answers.json'), 'utf8'))).toEqual({ 'residual-config': '' });
      expect(readFileSync(file('report.html'), 'utf8')).toContain('old-server:i386');
      expect(readdirSync(folder).sort()).toEqual(['answers.json', 'blocked.json', 'report.html']);

      writeFileSync(file('answers.json'), '{ "residual-config": "purge" }');
      const decided = check('--answers', file('answers.json'), '--output', 'json');
      const report = JSON.parse(decided.out) as CheckReport;
      expect(decided.code).toBe(0);
      expect(reportSchema.parse(report)).toMatchObject({ verdict: 'ready', decisions: [{ answer: 'purge' }] });
      const why = check('--answers', file('answers.json'), '--why', 'libc6:i386', '--why', 'old-server');
      const libraries = report.plan?.waves.find(({ name }) => name === 'libraries')?.calls[0];
      expect(why.out).toContain(
        `dpkg call ${libraries?.number} of ${report.plan?.calls}, wave libraries (${libraries?.id}): install libc6:amd64`,
      );
      expect(why.out).toMatch(/^old-server: vanishes, i386 1\.0 -> gone$/m);

      const begin = ['run', '--root', directory, '--yes', '--answers', file('answers.json'), '--until', 'libraries'];
      const run = crossgrade(...begin);
      expect(run.code, run.err).toBe(0);
      chmodSync(folder, 0o755);
      copyFileSync(bundle(), file('crossgrade.mjs'));
      chmodSync(file('crossgrade.mjs'), 0o644);
      const [program, ...words] = [...asNobody, process.execPath, file('crossgrade.mjs'), 'check', '--root', directory];
      const unread = spawnSync(program, words, { encoding: 'utf8' });
      expect(unread.stderr).toContain('CG0463');
      expect(unread.stdout + unread.stderr).not.toContain('--configure');
      expect(unread.status).toBe(3);
      const installed = readFileSync(join(directory, 'var/lib/dpkg/status'), 'utf8');
      const resume = [process.execPath, bundle(), 'resume', '--root', directory, '--until', 'core'];
      for (const [keys, said] of [
        ['n\r', 'Nothing was changed.'],
        ['\r', 'Nothing was changed.'],
        ['\u0003', 'CG0002'],
        ['\u0004', 'CG0002'],
      ] as const) {
        const { code, screen } = await onTerminal(resume, [[/past the point of no return/, keys]]);
        expect(screen, screen).toContain(said);
        expect(code).toBe(130);
      }
      expect(readFileSync(join(directory, 'var/lib/dpkg/status'), 'utf8')).toBe(installed);
      expect(crossgrade('resume', '--root', directory, '--until', 'core').code).toBe(0);
      const middle = check('--json', '-');
      expect(middle.code).toBe(0);
      const inProgress = reportSchema.parse(JSON.parse(middle.out));
      expect(inProgress).toMatchObject({ verdict: 'in-progress', progress: { pastPointOfNoReturn: true } });
      expect(inProgress.plan?.endState).toEqual(report.plan?.endState);
      expect(inProgress.progress?.remaining).toContain('Replace everything else');
      expect(check().out).toContain(`crossgrade resume --root ${directory}`);
      expect(check().out).toMatch(/was begun at \d{4}-\d\d-\d\d \d\d:\d\d and/);

      expect(crossgrade('resume', '--root', directory, '--yes').code).toBe(0);
      const end = check();
      expect(end.out).toMatch(/^NOTHING TO DO: this system is amd64 already\.$/m);
      expect(end.code).toBe(0);
      expect(check('--why', 'libc6').out).toContain('install libc6:amd64');
      const back = crossgrade('rollback', '--root', directory, '--yes');
      expect(back.err).toContain('CG0462');
      expect(back.err).not.toContain('resume');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

test('files that cannot be written are said before the root is opened', () => {
  const { code, err } = crossgrade('check', '--root', '/nonexistent', '--html', '/nonexistent/report.html');
  expect(code).toBe(2);
  expect(err).toContain('CG0008');
  expect(crossgrade('check', '--html', '-', '--json').err).toContain('CG0010');
  const there = join(mkdtempSync(join(tmpdir(), 'check-report-')), 'answers.json');
  writeFileSync(there, '{ "residual-config": "keep" }');
  const refused = crossgrade('check', '--root', '/nonexistent', '--answers-template', there);
  expect(refused.code).toBe(2);
  expect(refused.err).toContain('CG0460');
  expect(readFileSync(there, 'utf8')).toBe('{ "residual-config": "keep" }');
  rmSync(dirname(there), { recursive: true });
});
