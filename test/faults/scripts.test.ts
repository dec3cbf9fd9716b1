import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunEvent } from '../../src/run/event.ts';
import { installedIn, markSome } from '../support/runs/conversion.ts';
import { crossgrade, crossgradeAsText, prepare, tail, withRoot } from '../support/runs/faults.ts';
import { differencesFrom, type Undisturbed, undisturbed } from '../support/runs/kills.ts';

let expected: Undisturbed;

beforeAll(async () => {
  expected = await undisturbed(await prepare('bookworm-minimal', markSome));
});

afterAll(() => expected?.origin.dispose());

/** Maintainer scripts find this one first; `fails` is a condition in shell. */
function breakTool(directory: string, name: string, real: string, fails: string, words: string): () => void {
  const file = join(directory, 'usr/local/sbin', name);
  writeFileSync(file, `#!/bin/sh\nif ${fails}; then echo '${words}' >&2; exit 1; fi\nexec ${real} "$@"\n`, {
    mode: 0o755,
  });
  return () => rmSync(file);
}

const failures = (events: readonly RunEvent[]) =>
  events.flatMap((event) => (event.type === 'package-failed' ? [event.failure] : []));

describe('a maintainer script that fails', () => {
  test('after the unpacking: the rest goes on, its words are shown, and resume retries it', () =>
    withRoot(expected.origin, async ({ directory }) => {
      const mend = breakTool(directory, 'update-shells', '/usr/sbin/update-shells', 'true', 'no shells today');
      const ending = await crossgrade(directory, 'resume');
      expect(ending, tail(ending)).toMatchObject({ code: 1, signal: null });
      expect(failures(ending.events).find(({ consequence }) => !consequence)).toMatchObject({
        package: expect.stringMatching(/^debianutils/),
        output: expect.arrayContaining([expect.stringContaining('no shells today')]),
      });
      expect(ending.text).toMatch(/^CG0223 {2}dpkg could not finish/m);
      // What does not need it is done.
      const done = installedIn(directory).filter(({ name, state }) => name === 'tar' && state === 'installed');
      expect(done.map(({ architecture }) => architecture)).toEqual(['amd64']);

      const again = await crossgradeAsText(directory, 'resume');
      expect(again, tail(again)).toMatchObject({ code: 1 });
      expect(again.text).toContain('no shells today');
      expect(again.text).toMatch(/debianutils.* failed: /);

      mend();
      const end = await crossgrade(directory, 'resume');
      expect(end, tail(end)).toMatchObject({ code: 0 });
      expect(await differencesFrom(expected, directory)).toEqual([]);
    }));

  test('of the old build, before the unpacking, and the new one’s in its place', () =>
    withRoot(expected.origin, async ({ directory }) => {
      const fails = '[ "$DPKG_MAINTSCRIPT_NAME $DPKG_MAINTSCRIPT_PACKAGE" = "prerm apt" ]';
      const mend = breakTool(
        directory,
        'dpkg-maintscript-helper',
        '/usr/bin/dpkg-maintscript-helper',
        fails,
        'apt stays',
      );
      const ending = await crossgrade(directory, 'resume');
      expect(ending, tail(ending)).toMatchObject({ code: 1, signal: null });
      expect(failures(ending.events).find(({ consequence }) => !consequence)).toMatchObject({
        package: expect.stringMatching(/^apt[_:]|^apt$/),
        output: expect.arrayContaining([expect.stringContaining('apt stays')]),
      });
      expect(installedIn(directory).filter(({ name }) => name === 'apt')).toMatchObject([
        { architecture: 'i386', state: 'installed' },
      ]);
      mend();
      const end = await crossgrade(directory, 'resume');
      expect(end, tail(end)).toMatchObject({ code: 0 });
      expect(await differencesFrom(expected, directory)).toEqual([]);
    }));

  test('of the old build, while it is purged', () =>
    withRoot(expected.origin, async ({ directory }) => {
      const file = join(directory, 'var/lib/dpkg/info/libudev1:i386.prerm');
      writeFileSync(file, '#!/bin/sh\necho udev stays >&2\nexit 1\n', { mode: 0o755 });
      const ending = await crossgradeAsText(directory, 'resume');
      expect(ending, tail(ending)).toMatchObject({ code: 1, signal: null });
      expect(ending.text).toContain('udev stays');
      expect(ending.text).toMatch(/libudev1:i386.* failed: /);
      // Everything else is gone, but what it depends on.
      const left = installedIn(directory).filter(({ architecture }) => architecture === 'i386');
      expect(left.map(({ name }) => name)).toEqual(['gcc-12-base', 'libc6', 'libgcc-s1', 'libudev1']);
      rmSync(file);
      const end = await crossgrade(directory, 'resume');
      expect(end, tail(end)).toMatchObject({ code: 0 });
      expect(await differencesFrom(expected, directory)).toEqual([]);
    }));
});

test('a dpkg that refuses to begin is shown, too', () =>
  withRoot(expected.origin, async ({ directory }) => {
    const file = join(directory, 'etc/dpkg/dpkg.cfg.d/zz-hook');
    writeFileSync(file, 'pre-invoke=echo the hook says no >&2; exit 1\n');
    const ending = await crossgradeAsText(directory, 'resume');
    expect(ending, tail(ending)).toMatchObject({ code: 1, signal: null });
    expect(ending.text).toMatch(/^CG0224 {2}dpkg refused to work/m);
    expect(ending.text).toContain('the hook says no');
    rmSync(file);
    expect(await crossgrade(directory, 'resume', '--until', 'libraries')).toMatchObject({ code: 0 });
  }));
