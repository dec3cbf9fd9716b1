import { originalsFile, originalsFolder } from '../../src/base/own-paths.ts';
import { type InstanceKey, instanceKey } from '../../src/debian/package.ts';
import { lostCapabilities } from '../../src/files/capabilities.ts';
import { originalBatches, readOriginals } from '../../src/plan/originals.ts';
import { isPastPointOfNoReturn } from '../../src/run/point-of-no-return.ts';
import type { Action, Step, StepContext } from '../../src/run/step.ts';
import { planOfWave, remainingOfWave } from '../wave.ts';

/** Source: dpkg(1), and the multi-arch specification: co-installable builds must have the same version. */
export const levelVersions: Step = {
  id: 'prepare/level-versions',
  title: 'Bring libraries to the version that the target has',
  why: 'dpkg has two builds of one library beside each other only in the same version.',
  purpose:
    'Installs the old architecture’s build of the target’s version, for each library whose version differs, and for what depends on that version. What is replaced is kept before as archives in /var/lib/crossgrade/originals, made from its files.',
  remaining: (context) =>
    isPastPointOfNoReturn(context) && !context.plan.takenOver ? [] : remainingOfWave(context, 'level'),
  plan: (context) => [
    { do: 'save-originals', level: context.plan.level ?? [] },
    ...planOfWave(context, 'level'),
    { do: 'command', argv: ['ldconfig'] },
  ],
  undo: (context) => {
    const originals = readOriginals(context.facts.ownFiles);
    return originals === undefined ? [] : undo(context, originals);
  },
};

function undo({ facts }: StepContext, originals: NonNullable<ReturnType<typeof readOriginals>>): Action[] {
  const there = facts.inventory.packages.map(instanceKey);
  const takeAway = (operation: 'purge' | 'remove', keys: readonly InstanceKey[]): Action[] => {
    const instances = there.filter((key) => keys.includes(key));
    if (instances.length === 0) return [];
    return [{ do: 'batch', batch: { id: 'undo-level', wave: 'level', operation, instances, force: [] } }];
  };
  const { before, now } = facts.capabilities ?? { before: [], now: [] };
  return [
    ...originalBatches(originals, facts.inventory).map((batch): Action => ({ do: 'put-back', batch })),
    ...takeAway(
      'purge',
      originals.brought.filter((key) => !originals.residual.includes(key)),
    ),
    // A purge would take the configuration, and maybe data, that was there before.
    ...takeAway('remove', originals.residual),
    { do: 'run-triggers', instances: [] },
    // No archive of dpkg's has them.
    ...lostCapabilities(before, now).map(
      ({ path, capability }): Action => ({ do: 'command', argv: ['setcap', capability, path] }),
    ),
    { do: 'command', argv: ['ldconfig'] },
    { do: 'restore-status' },
    // First what says that they are complete.
    { do: 'remove', path: originalsFile },
    { do: 'remove-tree', path: originalsFolder },
  ];
}
