import type { Check } from '../../src/check/check.ts';
import { atopLogs } from './data/atop-logs.ts';
import { extensions } from './data/extensions.ts';
import { gdbm } from './data/gdbm.ts';
import { lmdb } from './data/lmdb.ts';
import { dataObstacles } from './data/obstacles.ts';
import { postgresql } from './data/postgresql.ts';
import { rrd } from './data/rrd.ts';
import { sameFiles } from './data/same-files.ts';
import { slapd } from './data/slapd.ts';
import { bootElsewhere } from './machine/boot-elsewhere.ts';
import { bootLoader } from './machine/boot-loader.ts';
import { clock } from './machine/clock.ts';
import { container } from './machine/container.ts';
import { firmware } from './machine/firmware.ts';
import { grubDefault } from './machine/grub-default.ts';
import { immutable } from './machine/immutable.ts';
import { initSystem } from './machine/init-system.ts';
import { kernel } from './machine/kernel.ts';
import { memory } from './machine/memory.ts';
import { mounts } from './machine/mounts.ts';
import { power } from './machine/power.ts';
import { processor } from './machine/processor.ts';
import { secureBoot } from './machine/secure-boot.ts';
import { separateUsr } from './machine/separate-usr.ts';
import { snapshot } from './machine/snapshot.ts';
import { space } from './machine/space.ts';
import { usrMerge } from './machine/usr-merge.ts';
import { loginPath } from './network/login-path.ts';
import { runTimeOnly } from './network/run-time-only.ts';
import { added } from './packages/added.ts';
import { aptConfiguration } from './packages/apt-configuration.ts';
import { derivative } from './packages/derivative.ts';
import { diversions } from './packages/diversions.ts';
import { dkms } from './packages/dkms.ts';
import { dpkgRefuses } from './packages/dpkg-refuses.ts';
import { fileLists } from './packages/file-lists.ts';
import { foreignPackages } from './packages/foreign-packages.ts';
import { held } from './packages/held.ts';
import { noCounterpart } from './packages/no-counterpart.ts';
import { noSolution } from './packages/no-solution.ts';
import { obsolete } from './packages/obsolete.ts';
import { packageState } from './packages/package-state.ts';
import { pendingUpgrades } from './packages/pending-upgrades.ts';
import { pinned } from './packages/pinned.ts';
import { release } from './packages/release.ts';
import { repositories } from './packages/repositories.ts';
import { residualConfig } from './packages/residual-config.ts';
import { sharedFiles } from './packages/shared-files.ts';
import { statOverrides } from './packages/stat-overrides.ts';
import { takenOver } from './packages/taken-over.ts';
import { targetKernel } from './packages/target-kernel.ts';
import { thirdArchitecture } from './packages/third-architecture.ts';
import { vanishing } from './packages/vanishing.ts';
import { versionSkew } from './packages/version-skew.ts';
import { versions } from './packages/versions.ts';
import { aptTimers } from './session/apt-timers.ts';
import { connection } from './session/connection.ts';
import { desktop } from './session/desktop.ts';
import { logins } from './session/logins.ts';
import { packagePrograms } from './session/package-programs.ts';
import { architecturePaths } from './software/architecture-paths.ts';
import { architectureTests } from './software/architecture-tests.ts';
import { capabilities } from './software/capabilities.ts';
import { guests } from './software/guests.ts';
import { keptPlugIns } from './software/kept-plug-ins.ts';
import { libraryPath } from './software/library-path.ts';
import { localLibraries } from './software/local-libraries.ts';
import { localPrograms } from './software/local-programs.ts';
import { loginModules } from './software/login-modules.ts';
import { preload } from './software/preload.ts';
import { references } from './software/references.ts';
import { runHooks } from './software/run-hooks.ts';
import { sourceOnly } from './software/source-only.ts';
import { virtualenvs } from './software/virtualenvs.ts';
/** In the order of the report. */
export const checks: readonly Check[] = [
  release,
  derivative,
  processor,
  container,
  kernel,
  bootLoader,
  bootElsewhere,
  grubDefault,
  firmware,
  secureBoot,
  mounts,
  immutable,
  usrMerge,
  separateUsr,
  initSystem,
  clock,
  memory,
  power,
  snapshot,
  takenOver,
  packageState,
  fileLists,
  thirdArchitecture,
  aptConfiguration,
  repositories,
  pendingUpgrades,
  noSolution,
  noCounterpart,
  targetKernel,
  residualConfig,
  dpkgRefuses,
  versions,
  dkms,
  diversions,
  statOverrides,
  pinned,
  held,
  foreignPackages,
  versionSkew,
  sharedFiles,
  obsolete,
  added,
  vanishing,
  space,
  packagePrograms,
  connection,
  desktop,
  logins,
  aptTimers,
  loginPath,
  runTimeOnly,
  dataObstacles,
  atopLogs,
  postgresql,
  extensions,
  slapd,
  lmdb,
  rrd,
  sameFiles,
  gdbm,
  loginModules,
  keptPlugIns,
  runHooks,
  localPrograms,
  localLibraries,
  virtualenvs,
  references,
  preload,
  libraryPath,
  architecturePaths,
  architectureTests,
  sourceOnly,
  guests,
  capabilities,
];
