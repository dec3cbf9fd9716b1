import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { CheckReport } from '../../../src/check/check-report-schema.ts';
import { assess } from '../../../src/check/system/assess.ts';
import { surveyRoot } from '../../../src/check/system/survey-root.ts';
import { instanceKey } from '../../../src/debian/package.ts';
import { openRecordedHost } from '../../../src/machine/recorded-host.ts';
import { checks } from '../../../steps/check/index.ts';
import { readRootState } from '../../support/roots/root-state.ts';
import { bundle, crossgradeAsText } from '../../support/runs/faults.ts';

const run = promisify(execFile);
const folder = fileURLToPath(new URL('../../../fixtures/recorded', import.meta.url));

describe.each(readdirSync(folder))('the recorded host %s', (name) => {
  const directory = `${folder}/${name}`;

  /** All that this machine's clock, processor and disk have no part in. */
  async function report(): Promise<unknown> {
    const { machine, close } = openRecordedHost(directory);
    try {
      const { findings, solved } = await assess(machine, 'amd64', checks, {}, () => () => {}, {
        lookAround: surveyRoot,
        forReport: true,
        offline: true,
      });
      return {
        findings: findings.map(({ id, severity, title, affected }) => ({ id, severity, title, affected })),
        download: solved?.plan.archives.reduce((sum, archive) => sum + archive.bytes, 0),
        renamed: solved?.target.renamed,
        missing: solved?.target.missing,
        target: solved?.target.packages.map((one) => `${instanceKey(one)}=${one.version}`),
      };
    } finally {
      await close();
    }
  }

  test('gives the report that was stored', async () => {
    const before = readRootState(`${directory}/tree`, []);
    const text = `${JSON.stringify(await report(), undefined, 1)}\n`;
    await expect(text).toMatchFileSnapshot(`${directory}/report.json`);
    expect(readRootState(`${directory}/tree`, [])).toEqual(before);
  });

  test('has the same plan where one processor has to do for apt and crossgrade', async () => {
    const planOn = async (...prefix: string[]): Promise<unknown> => {
      const [program = '', ...words] = [
        ...prefix,
        process.execPath,
        bundle(),
        'check',
        '--offline',
        '--root',
        directory,
      ];
      const { stdout } = await run(program, [...words, '--json'], { maxBuffer: 2 ** 28 });
      return (JSON.parse(stdout) as CheckReport).plan;
    };
    const alone = await planOn('taskset', '--cpu-list', '0');
    expect(alone).toBeDefined();
    expect(await planOn()).toEqual(alone);
  });

  test('can be named on the command line', async () => {
    const ending = await crossgradeAsText(directory, 'check', '--offline');
    expect([0, 3], ending.text).toContain(ending.code);
    expect(ending.text).not.toMatch(/bug in crossgrade/);
  });
});
