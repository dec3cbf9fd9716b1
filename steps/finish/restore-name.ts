import { readRelease } from '../../src/debian/release.ts';
import type { Step, StepContext } from '../../src/run/step.ts';

/** Source: os-release(5); no conffile, so dpkg overwrites what somebody has written there. */
export const restoreName: Step = {
  id: 'finish/restore-name',
  title: 'Give the system its own name again',
  why: 'Where the name in os-release was not written by the package that owns that file, the new build has brought another one.',
  purpose: 'Writes the os-release of before, where the one that is there now has another ID.',
  remaining: (context) => {
    const { id } = nameBefore(context) ?? {};
    const now = context.facts.release.id;
    return id === undefined || id === now ? [] : [`the system calls itself ${now}, and was ${id}`];
  },
  plan: (context) => {
    const { osRelease } = context.record ?? {};
    if (osRelease === undefined) return [];
    const beside = `${osRelease.path}.crossgrade-new` as const;
    return [
      { do: 'write', path: beside, content: osRelease.text, mode: 0o644 },
      // In the place of a link, and never without one of the two: who reads facts needs a name.
      { do: 'command', argv: ['mv', '-T', beside, osRelease.path] },
    ];
  },
  undo: 'point of no return',
};

/** Of a record that an older version has written nothing is known. */
function nameBefore({ record }: StepContext): { readonly id: string } | undefined {
  return record?.osRelease && readRelease(record.osRelease.text);
}
