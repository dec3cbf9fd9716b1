import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FrozenRoot, freshRoot, snapshot } from '../support/roots/roots.ts';
import { must } from '../support/roots/taken-over.ts';
import { instancesIn } from '../support/runs/conversion.ts';
import {
  crossgrade,
  crossgradeAsText,
  kill,
  startCrossgrade,
  tail,
  untilQuiet,
  withRoot,
} from '../support/runs/faults.ts';
import { buildOlder, hasHistory } from '../support/runs/older-program.ts';

/** The last one that does not write down the point of no return: its state is of format 1. */
const older = '3cc668c0cdbd29de8aec15239a3c93c1d8fefe91';

describe.skipIf(!hasHistory(older))('a run of an older crossgrade was stopped', () => {
  let program = '';
  let prepared: FrozenRoot;
  beforeAll(async () => {
    program = buildOlder(older);
    const root = await freshRoot('bookworm-minimal');
    const end = await startCrossgrade(root.directory, ['run', '--yes', '--until', 'prepare'], { program }).ended;
    if (end.code !== 0) throw new Error(tail(end));
    prepared = await snapshot(root);
  });
  afterAll(() => prepared?.dispose());

  test.each(['libraries', 'core', 'rest', 'purge'])(
    'all was killed in the wave %s: status tells, and today’s program finishes it, though it is killed as well',
    (wave) =>
      withRoot(prepared, async ({ directory }) => {
        const first = startCrossgrade(directory, ['resume'], { program });
        await first.until((event) => event.type === 'batch-started' && event.wave === wave);
        expect(await kill(first, directory, 'everything')).toBe(true);
        await untilQuiet(directory);
        expect((await crossgradeAsText(directory, 'status')).text).toMatch(/^A crossgrade is in progress/);
        const second = startCrossgrade(directory, ['resume']);
        await second.until((event) => event.type === 'step-progress');
        expect(await kill(second, directory, 'everything')).toBe(true);
        await untilQuiet(directory);
        const end = await crossgrade(directory, 'resume');
        expect(end.code, tail(end)).toBe(0);
        expect(Object.keys(instancesIn(directory)).filter((key) => key.endsWith(':i386'))).toEqual([]);
        must(
          directory,
          'test -z "$(dpkg --audit)" && apt-get check && test "$(dpkg --print-foreign-architectures)" = ""',
        );
        const verified = await crossgradeAsText(directory, 'verify');
        expect(verified.code, verified.text).toBe(0);
      }),
  );

  test('after the libraries: today’s program takes it back', () =>
    withRoot(prepared, async ({ directory }) => {
      const first = startCrossgrade(directory, ['resume', '--until', 'libraries'], { program });
      expect((await first.ended).code).toBe(0);
      const back = await crossgrade(directory, 'rollback', '--yes');
      expect(back.code, tail(back)).toBe(0);
      expect(Object.keys(instancesIn(directory)).filter((key) => key.endsWith(':amd64'))).toEqual([]);
      must(directory, 'test -z "$(dpkg --audit)" && apt-get check');
    }));
});
