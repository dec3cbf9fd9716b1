import { expect, test } from 'vitest';
import { createTimeline } from '../../../src/rehearsal/timeline.ts';
import type { RunEvent } from '../../../src/run/event.ts';

function progress(current: string, activity = 'configure'): RunEvent {
  return {
    type: 'step-progress',
    step: 'switch/replace-rest',
    progress: { activity, done: 1, total: 9, unit: 'packages', current },
  };
}

test('a package is at work until the next one is, and what took less than a second is not told', () => {
  let now = 0;
  const timeline = createTimeline(() => now);
  const at = (milliseconds: number, event: RunEvent) => {
    now = milliseconds;
    timeline.observe(event);
  };
  at(0, progress('a'));
  at(400, progress('b'));
  at(2400, progress('b'));
  at(3400, progress('c'));
  at(4000, progress('c', 'unpack'));
  at(9000, { type: 'batch-finished', step: 'switch/replace-rest', batch: 'rest-1', seconds: 9, exitCode: 0 });
  at(20_000, progress('c', 'unpack'));
  at(21_000, { type: 'step-finished', step: 'switch/replace-rest', seconds: 21 });
  expect(timeline.slowest(8)).toEqual([
    { package: 'c', activity: 'unpack', seconds: 6 },
    { package: 'b', activity: 'configure', seconds: 3 },
  ]);
  expect(timeline.slowest(1)).toHaveLength(1);
  expect(timeline.steps()).toEqual([{ id: 'switch/replace-rest', seconds: 21 }]);
  expect(timeline.failedStep()).toBeNull();
});
