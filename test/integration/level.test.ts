import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { crossgradeAsText, tail, withRoot } from '../support/faults.ts';
import { expectLevelled } from '../support/level.ts';
import { rebuildInstalled } from '../support/rebuild.ts';
import { diffRootStates, readRootState } from '../support/root-state.ts';

test('five libraries of versions that no repository has are levelled, taken back, and converted', () =>
  expectLevelled(['libattr1', 'liblz4-1', 'libzstd1', 'libpam0g', 'libtinfo6'], [400, 1200]));

test('a vital library that no repository has for the old architecture blocks, and nothing is changed', () =>
  withRoot('bookworm-minimal', async ({ directory }) => {
    await rebuildInstalled(directory, ['libattr1']);
    const sources = join(directory, 'etc/apt/sources.list');
    writeFileSync(
      sources,
      readFileSync(sources, 'utf8').replace(/^deb (\[[^\]]*\] )?/gm, 'deb [arch=amd64 trusted=yes] '),
    );
    const before = readRootState(directory);
    const answers = join(directory, 'tmp/answers.json');
    writeFileSync(answers, '{"downgrade":"downgrade"}');
    const run = await crossgradeAsText(directory, 'run', '--yes', '--answers', answers);
    expect(run.code, tail(run)).toBe(3);
    expect(run.text).toContain('libattr1');
    const check = await crossgradeAsText(directory, 'check', '--verbose', '--answers', answers);
    expect(check.text).toContain('packages/vital-drift');
    expect(check.text.replace(/\s+/g, ' ')).toMatch(/libattr1: .* needs .*; no repository has libattr1 for i386\./);
    expect(diffRootStates(before, readRootState(directory))).toEqual([]);
  }));
