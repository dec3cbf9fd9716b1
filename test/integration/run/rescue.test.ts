import { copyFileSync, existsSync, mkdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { rescueFolder, rescueMarker } from '../../../src/base/own-paths.ts';
import { lockRoot } from '../../../src/machine/root-lock.ts';
import { crossgradeAsText, withRoot } from '../../support/runs/faults.ts';
import { holdLock } from '../../support/runs/hold-lock.ts';

/** As a run saves it, but only bash, which nothing in the test needs. */
function saveBash(directory: string): void {
  const copy = join(directory, rescueFolder, 'bash_i386/usr/bin/bash');
  mkdirSync(dirname(copy), { recursive: true });
  copyFileSync(join(directory, 'usr/bin/bash'), copy);
  writeFileSync(join(directory, rescueMarker), '');
}

test('a rescue puts nothing back while somebody is at work on the packages', () =>
  withRoot('bookworm-minimal', async ({ directory }) => {
    const bash = join(directory, 'usr/bin/bash');
    saveBash(directory);
    rmSync(bash);

    const lock = await lockRoot(directory);
    const whileLocked = await crossgradeAsText(directory, 'rescue', '--yes');
    lock.release();
    expect(whileLocked).toMatchObject({ code: 5, text: expect.stringContaining('CG0310') });
    expect(existsSync(bash)).toBe(false);

    const letGo = await holdLock(join(directory, 'var/lib/dpkg/lock-frontend'));
    const whileHeld = await crossgradeAsText(directory, 'rescue', '--yes').finally(letGo);
    expect(whileHeld).toMatchObject({ code: 5, text: expect.stringContaining('CG0274') });
    expect(whileHeld.text.replace(/\s+/g, ' ')).toContain(`crossgrade status --root ${directory};`);
    expect(existsSync(bash)).toBe(false);
  }));

test('a rescue puts back what is lost or cut off, and says so when nothing is', () =>
  withRoot('bookworm-minimal', async ({ directory }) => {
    const bash = join(directory, 'usr/bin/bash');
    const { size } = statSync(bash);
    saveBash(directory);
    for (const damage of [() => rmSync(bash), () => truncateSync(bash, 1000)]) {
      damage();
      const { code, text } = await crossgradeAsText(directory, 'rescue', '--yes');
      expect(code, text).toBe(0);
      expect(text).toContain('1 file put back');
      expect(statSync(bash).size).toBe(size);
    }
    const { code, text } = await crossgradeAsText(directory, 'rescue');
    expect(code, text).toBe(0);
    expect(text).toContain('are as they shall be');
  }));
