import { existsSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findPair } from '../../src/debian/architecture.ts';
import { emulatedByKernel } from '../../src/machine/emulated.ts';
import { comparisonIn, inRoot, instancesIn } from '../support/runs/conversion.ts';
import { findElf } from '../support/runs/elf.ts';
import { crossgrade, kill, startCrossgrade, tail, withRoot } from '../support/runs/faults.ts';

/** Each program of these roots is emulated: minutes. The runner of the tests has registered the emulators. */
const pair = findPair('armhf', 'arm64');

test('the emulators of both architectures are registered', () => {
  expect(emulatedByKernel()).toEqual(expect.arrayContaining([pair?.source.elfMachine, pair?.target.elfMachine]));
});

test('a minimal armhf system becomes the same in 64 bit, also when it is killed in the middle', () =>
  withRoot({ suite: 'bookworm', architecture: 'armhf', packages: [] }, async ({ directory }) => {
    const before = Object.keys(instancesIn(directory)).length;
    const working = startCrossgrade(directory, ['run', '--yes']);
    await working.until((event) => event.type === 'step-started' && event.step === 'switch/replace-core');
    expect(await kill(working, directory, 'everything')).toBe(true);
    const done = await crossgrade(directory, 'resume', '--yes');
    expect(done.code, tail(done)).toBe(0);
    const now = instancesIn(directory);
    expect(Object.keys(now).filter((key) => key.endsWith(':armhf'))).toEqual([]);
    expect(Object.keys(now)).toHaveLength(before);
    expect(comparisonIn(directory).differences.filter(({ explanation }) => explanation === null)).toEqual([]);
    expect(findElf(directory).filter(({ machine }) => machine === pair?.source.elfMachine)).toEqual([]);
    const [native, audit] = await inRoot(directory, ['dpkg', '--print-architecture'], ['dpkg', '--audit']);
    expect([native?.stdout, audit?.stdout]).toEqual(['arm64\n', '']);
    expect(existsSync(join(directory, pair?.source.loader ?? ''))).toBe(false);
    expect(lstatSync(join(directory, 'usr/bin/dpkg')).isFile()).toBe(true);
  }));
