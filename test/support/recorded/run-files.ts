import type { BeforeRecord } from '../../../src/state/before-record.ts';
import type { State } from '../../../src/state/state.ts';

/** Of a run from i386 to amd64 that has just begun. */
export const begunState: State = {
  tool: 'crossgrade',
  version: 2,
  runId: '1',
  sourceArchitecture: 'i386',
  targetArchitecture: 'amd64',
  startedAt: '',
  bootId: 'boot',
  running: null,
  finishedSteps: {},
  milestones: {},
  finishedAt: null,
};

/** Of an i386 root in which nothing is installed. */
export const emptyRecord: BeforeRecord = {
  version: 1,
  recordedAt: '',
  nativeArchitecture: 'i386',
  foreignArchitectures: [],
  packages: {},
  automatic: [],
  holds: [],
  residualConfig: [],
  extendedStates: null,
  architectureFile: null,
  conffiles: {},
  sourceFiles: {},
};
