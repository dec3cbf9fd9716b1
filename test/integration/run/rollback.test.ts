import { lstatSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cacheFolder, stateFolder } from '../../../src/base/own-paths.ts';
import type { RootPath } from '../../../src/base/root.ts';
import { wholeSuite } from '../../support/roots/mirror.ts';
import { defaultExclusions, diffRootStates, readRootState } from '../../support/roots/root-state.ts';
import { type FrozenRoot, pristineRoot } from '../../support/roots/roots.ts';
import {
  crossgradeAsText,
  kill,
  prepare,
  startCrossgrade,
  tail,
  untilQuiet,
  withRoot,
} from '../../support/runs/faults.ts';

/** dpkg's copies of its files, from before it wrote them last. */
const backups = /^\/var\/lib\/dpkg\/[a-z]+-old$/;
/** Written anew by dpkg and ldconfig whenever they do anything, with the content that was there. */
const rewritten = /^\/(var\/lib\/dpkg\/|etc\/ld\.so\.cache$)/;

describe('rollback', () => {
  test('takes back the preparations', () =>
    withRoot('bookworm-minimal', async ({ directory }) => {
      await crossgrade(directory, 'run', '--yes', '--until', 'prepare');
      await expectTakenBack(directory, 'bookworm-minimal');
    }));

  test('takes back the libraries, and what their scripts diverted', async ({ skip }) => {
    const suite = await wholeSuite('trixie', 'stable');
    if (suite === undefined) return skip('The mirror’s package lists of trixie are not those of its Release file');
    await withRoot(`${suite}-minimal`, async ({ directory }) => {
      await crossgrade(directory, 'run', '--yes', '--until', 'libraries');
      await expectTakenBack(directory, `${suite}-minimal`);
    });
  });

  test('that failed is gone on with by rollback, and by nothing else', () =>
    withRoot('bookworm-minimal', async ({ directory }) => {
      await crossgrade(directory, 'run', '--yes', '--until', 'prepare');
      const foreign = join(directory, 'var/lib/dpkg/arch');
      const dpkg = join(directory, 'usr/bin/dpkg');
      renameSync(dpkg, `${dpkg}.away`);
      writeFileSync(dpkg, '#!/bin/sh\nexit 1\n', { mode: 0o755 });
      const failed = await crossgradeAsText(directory, 'rollback', '--yes');
      expect(failed.code, tail(failed)).toBe(1);
      expect(failed.text).not.toContain('crossgrade resume');
      expect(failed.text).toContain('crossgrade rollback');
      renameSync(`${dpkg}.away`, dpkg);
      const wrong = await crossgradeAsText(directory, 'resume');
      expect([wrong.code, wrong.text]).toEqual([1, expect.stringContaining('CG0154')]);
      expect(readFileSync(foreign, 'utf8')).toContain('amd64');
      await expectTakenBack(directory, 'bookworm-minimal');
    }));

  test('refuses past the point of no return, and changes nothing', () =>
    withRoot('bookworm-minimal', async ({ directory }) => {
      await crossgrade(directory, 'run', '--yes', '--until', 'core');
      const before = readRootState(directory, []);
      // Before it asks: nothing could be answered here.
      const { code, text } = await crossgradeAsText(directory, 'rollback');
      expect(text).toContain('CG0260');
      expect(text).toContain('Nothing was changed. Go on with crossgrade resume');
      expect(code).toBe(1);
      expect(diffRootStates(before, readRootState(directory, []))).toEqual([]);
      await crossgrade(directory, 'resume');
      await crossgrade(directory, 'verify');
    }));

  describe('of a server', () => {
    let prepared: FrozenRoot;

    beforeAll(async () => {
      prepared = await prepare('bookworm-server');
    });
    afterAll(() => prepared?.dispose());

    test('takes back the kernel and the libraries', () =>
      withRoot(prepared, async ({ directory }) => {
        await crossgrade(directory, 'resume', '--until', 'libraries');
        await expectTakenBack(directory, 'bookworm-server');
      }));

    test('takes back what a killed run left', () =>
      withRoot(prepared, async ({ directory }) => {
        const working = startCrossgrade(directory, ['resume']);
        await working.until((event) => event.type === 'batch-started' && event.batch === 'libraries-1');
        await working.until((event) => event.type === 'step-progress' && event.progress.done > 20);
        expect(await kill(working, directory, 'everything')).toBe(true);
        await untilQuiet(directory);
        await expectTakenBack(directory, 'bookworm-server');
      }));
  });
});

async function crossgrade(directory: string, ...words: readonly string[]): Promise<void> {
  const ending = await crossgradeAsText(directory, ...words);
  expect(ending.code, tail(ending)).toBe(0);
}

/** The root is as the pristine one: contents, modes, owners and, where nobody had to write, times. */
async function expectTakenBack(directory: string, origin: string): Promise<void> {
  await crossgrade(directory, 'rollback', '--yes');
  const pristine = await pristineRoot(origin);
  const before = readRootState(pristine, [...defaultExclusions, backups]);
  const after = readRootState(directory, [...defaultExclusions, backups]);
  expect(diffRootStates(before, after)).toEqual([]);
  const touched = [...before.entries()]
    .filter(([path, { type }]) => type === 'file' && !rewritten.test(path))
    .map(([path]) => path)
    .filter((path) => mtimeOf(pristine, path) !== mtimeOf(directory, path));
  expect(touched).toEqual([]);
  for (const own of [stateFolder, cacheFolder]) expect(mtimeOf(directory, own)).toBeUndefined();
}

function mtimeOf(directory: string, path: RootPath): number | undefined {
  return lstatSync(join(directory, path), { throwIfNoEntry: false })?.mtimeMs;
}
