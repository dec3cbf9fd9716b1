import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { comparisonIn, installedIn } from '../runs/conversion.ts';
import { crossgrade, crossgradeAsText, kill, startCrossgrade, tail, untilQuiet, withRoot } from '../runs/faults.ts';
import { rebuildInstalled } from './rebuild.ts';
import { defaultExclusions, diffRootStates, readRootState } from './root-state.ts';

/** dpkg's copies of its files, from before it wrote them last. */
const backups = /^\/var\/lib\/dpkg\/[a-z]+-old$/;

/**
 * A root on which these libraries were built again: killed while they are levelled, taken back, byte by byte; killed
 * again, resumed to the end.
 *
 * @param laterMs after the first dpkg call has begun
 */
export function expectLevelled(names: readonly string[], laterMs: readonly [number, number]): Promise<void> {
  return withRoot('bookworm-minimal', async ({ directory }) => {
    await rebuildInstalled(directory, names);
    const answers = join(directory, 'tmp/answers.json');
    writeFileSync(answers, '{"downgrade":"downgrade"}');
    const exclusions = [...defaultExclusions, backups];
    const before = readRootState(directory, exclusions);
    const versions = versionsOf(directory, names);

    const undecided = await crossgrade(directory, 'run', '--yes');
    expect(undecided.code, tail(undecided)).toBe(3);
    expect(diffRootStates(before, readRootState(directory, exclusions)), 'nothing is changed').toEqual([]);

    await killWhileLevelling(directory, ['run', '--yes', '--answers', answers], laterMs[0]);
    const back = await crossgrade(directory, 'rollback', '--yes');
    expect(back.code, tail(back)).toBe(0);
    expect(diffRootStates(before, readRootState(directory, exclusions)), 'all is as it was').toEqual([]);
    expect(versionsOf(directory, names)).toEqual(versions);

    await killWhileLevelling(directory, ['run', '--yes', '--answers', answers], laterMs[1]);
    const resumed = await crossgrade(directory, 'resume');
    expect(resumed.code, tail(resumed)).toBe(0);
    expect(installedIn(directory).filter(({ architecture }) => architecture === 'i386')).toEqual([]);
    const told = comparisonIn(directory).differences.map(({ what }) => what);
    for (const name of names) {
      expect(told).toContainEqual(expect.stringMatching(`^${name} went down from .*\\+local1 to `));
    }
  });
}

/** No repository has a build of this library for the old architecture: there is no safe way, and it is said why. */
export function expectBlocked(name: string): Promise<void> {
  return withRoot('bookworm-minimal', async ({ directory }) => {
    await rebuildInstalled(directory, [name]);
    const sources = join(directory, 'etc/apt/sources.list');
    const text = readFileSync(sources, 'utf8');
    writeFileSync(sources, text.replace(/^deb (\[[^\]]*\] )?/gm, 'deb [arch=amd64 trusted=yes] '));
    const answers = join(directory, 'tmp/answers.json');
    writeFileSync(answers, '{"downgrade":"downgrade"}');
    const before = readRootState(directory);
    const run = await crossgradeAsText(directory, 'run', '--yes', '--answers', answers);
    expect(run.code, tail(run)).toBe(3);
    const check = await crossgradeAsText(directory, 'check', '--verbose', '--answers', answers);
    expect(check.text).toContain('packages/vital-drift');
    const said = check.text.replace(/\s+/g, ' ');
    expect(said).toContain(`${name}: `);
    expect(said).toContain(`; no repository has ${name} for i386.`);
    expect(diffRootStates(before, readRootState(directory))).toEqual([]);
  });
}

async function killWhileLevelling(directory: string, words: readonly string[], laterMs: number): Promise<void> {
  const working = startCrossgrade(directory, words);
  await working.until((event) => event.type === 'batch-started' && event.wave === 'level');
  await sleep(laterMs);
  await kill(working, directory, 'everything');
  await untilQuiet(directory);
}

function versionsOf(directory: string, names: readonly string[]): string[] {
  return installedIn(directory)
    .filter(({ name }) => names.includes(name))
    .map(({ name, version, state }) => `${name} ${version} ${state}`);
}
