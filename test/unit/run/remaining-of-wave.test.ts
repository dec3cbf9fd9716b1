import { expect, test } from 'vitest';
import type { StepContext } from '../../../src/run/step.ts';
import { remainingOfWave } from '../../../steps/wave.ts';

test('what is left of a wave is said to be left: nobody reads it as done', () => {
  const batch = {
    id: 'libraries-1',
    wave: 'libraries',
    operation: 'install',
    instances: ['libattr1:amd64', 'libacl1:amd64'],
    force: [],
  };
  const archives = batch.instances.map((key) => ({ key, version: '1' }));
  const context = { plan: { batches: [batch], archives }, facts: { inventory: { packages: [] } } };
  expect(remainingOfWave(context as unknown as StepContext, 'libraries')).toEqual([
    '2 of 2 packages of batch libraries-1 still to do',
  ]);
});
