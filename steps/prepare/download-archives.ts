import { openWork } from '../../src/plan/batch-progress.ts';
import type { Archive } from '../../src/plan/plan.ts';
import type { Step, StepContext } from '../../src/run/step.ts';

/** Source: apt-get(8), `download`. */
export const downloadArchives: Step = {
  id: 'prepare/download-archives',
  title: 'Download every package',
  why: 'From the first change on, the network is not needed any more.',
  purpose:
    'Fetches every archive of the plan to /var/cache/crossgrade/archives and compares its checksum with the signed lists. What is there in full is not fetched again.',
  remaining: (context) => archivesToFetch(context).map((archive) => `${archive.fileName} is not there`),
  plan: (context) => [{ do: 'download', archives: archivesToFetch(context) }],
  undo: () => [{ do: 'remove-cache' }],
};

/** Archives that dpkg still has to unpack and that are not there in full. */
export function archivesToFetch({ facts, plan }: StepContext): Archive[] {
  const open = plan.batches.flatMap((batch) => openWork(batch, plan, facts.inventory.packages).toUnpack);
  return [...new Set(open)].filter((archive) => facts.archives[archive.fileName] !== archive.bytes);
}
