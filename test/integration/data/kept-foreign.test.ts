import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Answers } from '../../../src/base/finding.ts';
import type { CheckReport } from '../../../src/check/check-report-schema.ts';
import { type FreshRoot, freshRoot } from '../../support/roots/roots.ts';
import { comparisonIn, convert, inRoot, instancesIn } from '../../support/runs/conversion.ts';
import { expectPredictedDisk } from '../../support/runs/disk-use.ts';
import { crossgradeAsText, plentyBytes } from '../../support/runs/faults.ts';

/**
 * All three exist for i386 only; fnfx-client needs fnfxd. Beside them, configuration that a removed package has left, and
 * a program that no package brought.
 */
const packages = ['digitools', 'fnfx-client', 'fnfxd'];

let root: FreshRoot;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kept-foreign-'));
  root = await freshRoot({ suite: 'bookworm', packages: [...packages, 'nano'] }, { memoryBytes: plentyBytes });
  await inRoot(root.directory, ['dpkg', '--remove', 'nano'], ['cp', '/usr/bin/dpkg-deb', '/usr/local/bin/own']);
});

afterAll(async () => {
  await root?.dispose();
  rmSync(folder, { recursive: true });
});

function answersFile(answers: Answers): string {
  const file = join(folder, 'answers.json');
  writeFileSync(file, JSON.stringify(answers));
  return file;
}

async function check(...options: string[]): Promise<{ code: number | null; report: CheckReport }> {
  const file = join(folder, 'report.json');
  const { code } = await crossgradeAsText(root.directory, 'check', '--json', file, ...options);
  return { code, report: JSON.parse(readFileSync(file, 'utf8')) as CheckReport };
}

const kept = {
  'residual-config': 'purge',
  'no-counterpart': 'remove',
  'no-counterpart/fnfx-client': 'keep',
  'local-software': 'keep',
};

test('a template has a place for each package, and an answer that breaks another one is told at once', async () => {
  const template = join(folder, 'template.json');
  const { report } = await check('--answers-template', template);
  const keys = [
    'no-counterpart',
    ...packages.map((name) => `no-counterpart/${name}`),
    'residual-config',
    'local-software',
  ];
  expect(JSON.parse(readFileSync(template, 'utf8'))).toEqual(Object.fromEntries(keys.map((key) => [key, ''])));
  expect(report).toMatchObject({
    verdict: 'decisions-open',
    decisions: [{ id: 'no-counterpart', open: true }, { open: true }, { id: 'local-software', open: true }],
  });

  const broken = await check('--answers', answersFile({ ...kept, 'no-counterpart/fnfxd': 'remove' }));
  expect(broken).toMatchObject({
    code: 3,
    report: { verdict: 'decisions-open', decisions: [{ open: true }, { open: false }, { open: false }] },
  });
  expect(broken.report.findings.find(({ id }) => id === 'packages/no-counterpart')).toMatchObject({
    severity: 'blocker',
    detail: expect.stringContaining('fnfx-client is to stay, but cannot without fnfxd, which is to go'),
  });
});

test('a run removes one, and keeps another and the libraries of a program, with what they need, as it was predicted', async () => {
  const { directory } = root;
  const answers = answersFile(kept);
  const { code, report } = await check('--answers', answers);
  expect(code).toBe(0);
  const become = (change: string) =>
    report.plan?.packages.filter((one) => one.change === change).map(({ name }) => name);
  expect(become('vanishing')).toEqual(['digitools']);
  expect(become('kept-foreign')).toEqual(expect.arrayContaining(['fnfx-client', 'fnfxd', 'libc6', 'liblzma5']));
  expect(become('crossgraded')).toEqual(expect.arrayContaining(['libc6', 'liblzma5']));

  await expectPredictedDisk(directory, ['--answers', answers], () => convert(directory, '--answers', answers));

  const now = instancesIn(directory);
  expect(now).toEqual(report.plan?.endState);
  const old = Object.keys(now).filter((key) => key.endsWith(':i386'));
  expect(old).toEqual(
    become('kept-foreign')
      ?.map((name) => `${name}:i386`)
      .sort(),
  );
  expect(comparisonIn(directory).differences.filter(({ explanation }) => explanation === null)).toEqual([]);
  const results = await inRoot(
    directory,
    ['dpkg', '--print-architecture'],
    ['dpkg', '--print-foreign-architectures'],
    ['dpkg', '--audit'],
    ['apt-get', '-qq', 'check'],
    ['ldd', '/usr/sbin/fnfxd'],
    ['/usr/local/bin/own', '--version'],
    ['apt-get', '-qq', '--simulate', 'autoremove'],
  );
  expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0, 0, 0, 0]);
  expect(results.map(({ stdout }) => stdout)).toEqual([
    'amd64\n',
    'i386\n',
    '',
    '',
    expect.stringMatching(/libc\.so\.6 => \/lib\/i386-linux-gnu\/libc\.so\.6/),
    expect.stringContaining('Debian'),
    expect.not.stringContaining(':i386'),
  ]);
});
