import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type CheckReport, reportSchema } from '../../../src/check/check-report-schema.ts';
import { checks } from '../../../steps/check/index.ts';
import { asNobody, giveTargetLists } from '../../support/roots/own-lists.ts';
import { bundle, withRoot } from '../../support/runs/faults.ts';

test('with --verbose each check is listed with what came of it: to root, and to a user who may not see all', async () => {
  await withRoot('bookworm-minimal', async ({ directory }) => {
    const folder = mkdtempSync(join(tmpdir(), 'check-verbose-'));
    const program = join(folder, 'crossgrade.mjs');
    copyFileSync(bundle(), program);
    chmodSync(folder, 0o777);
    chmodSync(program, 0o644);
    giveTargetLists(directory);
    const check = (locale: string, words: readonly string[], prefix: readonly string[]) => {
      const file = join(folder, `${prefix.length}.json`);
      const [command = '', ...rest] = [...prefix, process.execPath, program, 'check', '--offline', '--verbose'];
      const { stdout, stderr, status } = spawnSync(command, [...rest, '--root', directory, '--json', file, ...words], {
        encoding: 'utf8',
        env: { ...process.env, LANG: locale, LC_ALL: locale, NO_COLOR: '1', TERM: 'xterm' },
      });
      expect(status, stderr).toBe(0);
      return { said: stdout, report: reportSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) };
    };
    const resultOf = (report: CheckReport, id: string) => (report.checks ?? []).find((one) => one.id === id);
    try {
      const { said, report } = check('C.UTF-8', [], []);
      expect((report.checks ?? []).map(({ id }) => id)).toEqual(checks.map(({ id }) => id));
      for (const { title } of report.checks ?? []) expect(said.replace(/\s+/g, ' ')).toContain(`${title}: `);
      expect(said).toContain('  ✔ Pinned packages: passed\n');
      expect(said).toContain('  ↓ Memory and swap: does not apply\n');
      expect(resultOf(report, 'software/virtualenvs')?.result).toBe('passed');

      const plain = check('C', ['--output', 'text'], asNobody);
      expect(plain.said).toContain('  + Pinned packages: passed\n');
      expect(plain.said).toMatch(/^[\n -~]*$/);
      expect(resultOf(plain.report, 'software/virtualenvs')).toMatchObject({
        result: 'partly',
        notLookedAt: '/root: only root may look at it',
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
