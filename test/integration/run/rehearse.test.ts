import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { type RehearsalReport, rehearsalReportSchema } from '../../../src/rehearsal/rehearsal-report.ts';
import { diffRootStates, readRootState } from '../../support/roots/root-state.ts';
import { bundle, crossgrade, crossgradeAsText, tail, withRoot } from '../../support/runs/faults.ts';

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
});

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
