import { dpkgFolder, sharedMarker } from '../src/base/own-paths.ts';
import { type InstanceKey, instanceKey } from '../src/debian/package.ts';
import { openCount, openWork } from '../src/plan/batch-progress.ts';
import type { Batch, WaveName } from '../src/plan/plan.ts';
import type { Action, StepContext } from '../src/run/step.ts';

/** Batches of a wave of which something is left to do. */
export function openBatches({ plan, facts }: StepContext, wave: WaveName): Batch[] {
  return plan.batches.filter(
    (batch) => batch.wave === wave && openCount(openWork(batch, plan, facts.inventory.packages)) > 0,
  );
}

export function remainingOfWave(context: StepContext, wave: WaveName): string[] {
  return openBatches(context, wave).map((batch) => {
    const open = openCount(openWork(batch, context.plan, context.facts.inventory.packages));
    return `${open} of ${batch.instances.length} packages of batch ${batch.id} still to do`;
  });
}

export function planOfWave(context: StepContext, wave: WaveName): Action[] {
  return openBatches(context, wave).map((batch) => ({ do: 'batch', batch }));
}

/** Takes away every instance of the target architecture that this wave put beside the old system. */
export function undoOfWave(context: StepContext, wave: WaveName): Action[] {
  const { plan, facts } = context;
  // Of a crossgrade that was taken over nothing is taken back: it may have been there before.
  if (plan.takenOver) return [];
  const ours = new Set(plan.batches.filter((batch) => batch.wave === wave).flatMap((batch) => batch.instances));
  const there = facts.inventory.packages.filter((one) => ours.has(`${one.name}:${one.architecture}`));
  const cutOff = sharedMarker in facts.ownFiles;
  const touched =
    cutOff || there.length > 0 || facts.inventory.packages.some((one) => one.state.startsWith('triggers-'));
  if (!touched) {
    return [];
  }
  const torn = there.filter((one) => one.reinstallRequired);
  const again = torn.map(instanceKey).filter((key) => isAtHand(context, key));
  const force = [
    ...(there.some((one) => one.essential) ? ['remove-essential'] : []),
    ...(there.some((one) => one.protected) ? ['remove-protected'] : []),
    ...(torn.length > again.length ? ['remove-reinstreq'] : []),
  ];
  const id = `undo-${wave}`;
  const batches: Batch[] = [
    // dpkg knows only then which files of theirs a killed dpkg has left.
    { id: `${id}-again`, wave, operation: 'unpack', instances: again, force: [] },
    { id, wave, operation: 'purge', instances: there.map(instanceKey), force },
  ];
  return [
    ...(cutOff ? [{ do: 'restore-shared' } as const] : []),
    ...batches
      .filter((batch) => batch.instances.length > 0)
      .map(
        (batch): Action => ({ do: 'batch', batch, ...(batch.operation === 'purge' && { leaving: 'target' as const }) }),
      ),
    { do: 'remove-tree', path: `${dpkgFolder}/tmp.ci` },
    { do: 'run-triggers', instances: [] },
  ];
}

/** Its archive is there in full. */
function isAtHand({ plan, facts }: StepContext, key: InstanceKey): boolean {
  const archive = plan.archives.find((one) => one.key === key);
  return archive !== undefined && facts.archives[archive.fileName] === archive.bytes;
}
