import { expect, test } from 'vitest';
import { unitsPausedFile } from '../../../src/base/own-paths.ts';
import type { StepContext } from '../../../src/run/step.ts';
import { resumePackageTimers } from '../../../steps/finish/resume-package-timers.ts';

const finished = (facts: object) =>
  ({
    record: { activePackageUnits: ['apt-daily.timer'] },
    facts: { milestones: { cleanup: 'then' }, ownFiles: { [unitsPausedFile]: '' }, ...facts },
  }) as unknown as StepContext;

test('a host that is finished from a rescue system has its timers again at the next boot', () => {
  const outside = finished({});
  expect(resumePackageTimers.needs).toBeUndefined();
  expect(resumePackageTimers.remaining(outside)).toEqual(['they do not start yet']);
  expect(resumePackageTimers.plan(outside)).toEqual([{ do: 'remove', path: unitsPausedFile }]);
  expect(resumePackageTimers.remaining(finished({ ownFiles: {} }))).toEqual([]);
});

test('on the running system they are started', () => {
  const plan = resumePackageTimers.plan(finished({ activePackageUnits: [] }));
  expect(plan).toContainEqual({ do: 'command', argv: ['systemctl', 'start', 'apt-daily.timer'] });
});
