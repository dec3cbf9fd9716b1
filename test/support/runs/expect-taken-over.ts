import { execFileSync } from 'node:child_process';
import { expect } from 'vitest';
import { must } from '../roots/taken-over.ts';
import { instancesIn } from './conversion.ts';
import { bundle, crossgrade, crossgradeAsText, kill, startCrossgrade, tail, untilQuiet } from './faults.ts';

/** What `check` says as a value. */
export function report(directory: string): {
  verdict: string;
  findings: { id: string; severity: string; remedies: { command?: string; hint?: string }[] }[];
} {
  const argv = [bundle(), 'check', '--root', directory, '--json', '-'];
  try {
    return JSON.parse(execFileSync(process.execPath, argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  } catch (error) {
    // A blocked root is a report as well.
    return JSON.parse((error as { stdout: string }).stdout);
  }
}

export async function expectFinished(directory: string): Promise<void> {
  expect(Object.keys(instancesIn(directory)).filter((key) => key.endsWith(':i386'))).toEqual([]);
  must(directory, 'test -z "$(dpkg --audit)" && apt-get check && test "$(dpkg --print-foreign-architectures)" = ""');
  expect(report(directory).verdict).toBe('nothing-to-do');
  const again = await crossgradeAsText(directory, 'run', '--yes');
  expect(again.text).toContain('CG0150  This system is amd64 already.');
  expect((await crossgradeAsText(directory, 'resume')).text).toContain('there is nothing to resume');
}

/** Converted, though everything is killed at the call of this wave. */
export async function expectTakenOver(directory: string, wave: string): Promise<void> {
  const working = startCrossgrade(directory, ['run', '--yes']);
  await working.until((event) => event.type === 'batch-started' && event.wave === wave);
  const begun = working.events.length;
  // The archives are compared with their sums before dpkg gets them: until then nothing is changed.
  await working.until((event) => event.type === 'step-progress' && working.events.indexOf(event) >= begun);
  expect(await kill(working, directory, 'everything')).toBe(true);
  await untilQuiet(directory);
  const back = await crossgradeAsText(directory, 'rollback', '--yes');
  expect(back.text).toContain('CG0360  A crossgrade that was begun by other means was taken over.');
  expect(back.code).toBe(1);
  const resumed = await crossgrade(directory, 'resume', '--yes');
  expect(resumed.code, tail(resumed)).toBe(0);
  await expectFinished(directory);
}
