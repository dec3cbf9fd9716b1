import type { Step } from '../src/run/step.ts';
import { buildInitramfs } from './finish/build-initramfs.ts';
import { checkApt } from './finish/check-apt.ts';
import { commitEtcAfterwards } from './finish/commit-etc.ts';
import { compare } from './finish/compare.ts';
import { leaveBootsAlone } from './finish/leave-boots-alone.ts';
import { noteReplaced } from './finish/note-replaced.ts';
import { pointBootMenu } from './finish/point-boot-menu.ts';
import { purgeOldInstances } from './finish/purge-old-instances.ts';
import { rebuildDictionaries } from './finish/rebuild-dictionaries.ts';
import { rebuildVirtualenvs } from './finish/rebuild-virtualenvs.ts';
import { removeLeftovers } from './finish/remove-leftovers.ts';
import { removeOldArchitecture } from './finish/remove-old-architecture.ts';
import { restoreBootDefault } from './finish/restore-boot-default.ts';
import { restoreBootLinks } from './finish/restore-boot-links.ts';
import { restoreCapabilities } from './finish/restore-capabilities.ts';
import { restoreHolds } from './finish/restore-holds.ts';
import { restoreMarks } from './finish/restore-marks.ts';
import { restoreName } from './finish/restore-name.ts';
import { restoreSharedConfiguration } from './finish/restore-shared-configuration.ts';
import { resumePackageTimers } from './finish/resume-package-timers.ts';
import { runTriggers } from './finish/run-triggers.ts';
import { startServices } from './finish/start-services.ts';
import { bootNewKernel } from './kernel/boot-new-kernel.ts';
import { buildModules } from './kernel/build-modules.ts';
import { buildNewInitramfs } from './kernel/build-new-initramfs.ts';
import { installKernel } from './kernel/install-kernel.ts';
import { keepNewKernel } from './kernel/keep-new-kernel.ts';
import { keepOldKernel } from './kernel/keep-old-kernel.ts';
import { offerNewKernel } from './kernel/offer-new-kernel.ts';
import { addForeignArchitecture } from './prepare/add-foreign-architecture.ts';
import { avoidRecommends } from './prepare/avoid-recommends.ts';
import { commitEtc } from './prepare/commit-etc.ts';
import { compareNetwork } from './prepare/compare-network.ts';
import { compareSharedFiles } from './prepare/compare-shared-files.ts';
import { continueAtBoot } from './prepare/continue-at-boot.ts';
import { downloadArchives } from './prepare/download-archives.ts';
import { guardApt } from './prepare/guard-apt.ts';
import { levelVersions } from './prepare/level-versions.ts';
import { offerTargetArchitecture } from './prepare/offer-target-architecture.ts';
import { pausePackageTimers } from './prepare/pause-package-timers.ts';
import { recordBefore } from './prepare/record-before.ts';
import { recordLocalSoftware } from './prepare/record-local-software.ts';
import { saveRescuePrograms } from './prepare/save-rescue-programs.ts';
import { tryInitramfs } from './prepare/try-initramfs.ts';
import { updatePackageLists } from './prepare/update-package-lists.ts';
import { exportData } from './switch/export-data.ts';
import { importData } from './switch/import-data.ts';
import { installLibraries } from './switch/install-libraries.ts';
import { replaceCore } from './switch/replace-core.ts';
import { replaceRest } from './switch/replace-rest.ts';
import { setAsideLogs } from './switch/set-aside-logs.ts';

/** The order, and the only place that knows it. */
export const steps: readonly Step[] = [
  continueAtBoot,
  commitEtc,
  recordBefore,
  guardApt,
  recordLocalSoftware,
  tryInitramfs,
  compareNetwork,
  pausePackageTimers,
  avoidRecommends,
  addForeignArchitecture,
  offerTargetArchitecture,
  updatePackageLists,
  downloadArchives,
  compareSharedFiles,
  levelVersions,
  saveRescuePrograms,
  keepOldKernel,
  installKernel,
  buildModules,
  buildNewInitramfs,
  offerNewKernel,
  bootNewKernel,
  keepNewKernel,
  installLibraries,
  setAsideLogs,
  exportData,
  replaceCore,
  replaceRest,
  importData,
  noteReplaced,
  purgeOldInstances,
  restoreSharedConfiguration,
  restoreCapabilities,
  runTriggers,
  rebuildDictionaries,
  restoreBootLinks,
  buildInitramfs,
  pointBootMenu,
  restoreBootDefault,
  restoreMarks,
  restoreHolds,
  restoreName,
  removeOldArchitecture,
  removeLeftovers,
  resumePackageTimers,
  startServices,
  checkApt,
  rebuildVirtualenvs,
  compare,
  commitEtcAfterwards,
  leaveBootsAlone,
];
