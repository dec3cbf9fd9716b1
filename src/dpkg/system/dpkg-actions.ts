import type { DpkgAction } from '../../plan/package-actions.ts';
import type { Performers } from '../../state/system/performance.ts';
import { performBatch, runTriggers } from './batch.ts';
import { putBackOriginals, restoreStatus, saveOriginals } from './save-originals.ts';
import { purgeOneOfTwo, restoreShared } from './shared-configuration.ts';

export const dpkgActions: Performers<DpkgAction> = {
  batch: async (performance, { batch, leaving }) =>
    leaving === undefined
      ? performBatch(performance, batch, await performance.store.plan())
      : purgeOneOfTwo(performance, batch, leaving),
  'save-originals': (performance, { level }) => saveOriginals(performance, level),
  'put-back': (performance, { batch }) => putBackOriginals(performance, batch),
  'restore-status': restoreStatus,
  'run-triggers': (performance, { instances }) => runTriggers(performance, instances),
  'restore-shared': restoreShared,
};
