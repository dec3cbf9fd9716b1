import * as z from 'zod';
import { CrossgradeError } from '../base/error.ts';
import { previousStateFile, stateFile } from '../base/own-paths.ts';

const processSchema = z.strictObject({ pid: z.int().positive(), startTicks: z.string() });

/** A dpkg call that was started; tells a resume where to find it. */
const runningSchema = z.strictObject({
  step: z.string(),
  batch: z.string(),
  process: processSchema,
  logFile: z.string(),
  statusFile: z.string(),
  exitFile: z.string(),
});

const rebootSchema = z.strictObject({
  /** Boot that the host was in when it was asked for. */
  bootId: z.string(),
  /** `uname -r` of the kernel that shall come up. */
  kernel: z.string(),
  requestedAt: z.string(),
});

/** What cannot be derived again from the system. Whether a step is done never stands here. */
export const stateSchema = z.strictObject({
  tool: z.literal('crossgrade'),
  /** 1: of a crossgrade that did not write down the point of no return. */
  version: z.literal([1, 2]),
  runId: z.string(),
  sourceArchitecture: z.string(),
  targetArchitecture: z.string(),
  startedAt: z.string(),
  /** Boot in which the run was started or last resumed. */
  bootId: z.string(),
  running: runningSchema.nullable(),
  /** Step id, when it was last finished. For the display alone. */
  finishedSteps: z.record(z.string(), z.string()),
  /** Moments that leave no trace in the system: name to ISO time. */
  milestones: z.record(z.string(), z.string()),
  finishedAt: z.string().nullable(),
  /** Stop when this phase or wave is done; null or absent: go to the end. */
  until: z.string().nullable().exactOptional(),
  /** When somebody stopped it: then no boot goes on by itself; null or absent: nobody did, or it was resumed. */
  stoppedAt: z.string().nullable().exactOptional(),
  /** /etc/machine-id of the host where the run was begun; absent for a root in a folder. */
  machineId: z.string().exactOptional(),
  /** The reboot that the run waits for, or waited for last. */
  reboot: rebootSchema.nullable().exactOptional(),
});

/** Names of the moments that leave no trace in the system. A state of an older crossgrade may have others. */
export type MilestoneName =
  | 'lists'
  | 'replaced'
  | 'checked'
  | 'cleanup'
  | 'servicesStarted'
  | 'compared'
  | typeof rollbackBegun
  | typeof pointOfNoReturn
  | typeof defaultAsked
  | typeof dictionariesBuilt
  | (typeof etcCommitted)['before' | 'after'];

/** When each of them was, in ISO 8601. */
export type Milestones = Readonly<Partial<Record<MilestoneName, string>>>;

/** Milestone: a rollback has begun, and has not come to its end. */
export const rollbackBegun = 'rollback';

/** Milestone: written right before the first call that replaces something; from then on there is no way back. */
export const pointOfNoReturn = 'point-of-no-return';

/** A milestone: somebody was asked to make the new kernel the default; nothing shows whether that was done. */
export const defaultAsked = 'default-kernel-asked';

/** Milestone: dictionaries were compiled anew; one that could not be compiled keeps no run from its end. */
export const dictionariesBuilt = 'dictionaries-built';

/** Milestones: etckeeper was told that packages will change, and that they have. */
export const etcCommitted = { before: 'etc-committed', after: 'etc-committed-again' } as const;

export type State = z.infer<typeof stateSchema>;

/**
 * @param text state.json; undefined: it is gone
 * @throws {CrossgradeError} CG0140 gone or damaged, CG0141 not crossgrade's, CG0142 written by a newer crossgrade
 */
export function readState(text: string | undefined): State {
  if (text === undefined) throw unusable('gone');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unusable('damaged: it is not complete JSON', cause);
  }
  const head = z.looseObject({ tool: z.unknown(), version: z.unknown().optional() }).safeParse(value);
  if (!head.success || head.data.tool !== 'crossgrade') {
    throw new CrossgradeError(`${stateFile} was not written by crossgrade.`, {
      code: 'CG0141',
      hint: 'Nothing was changed. Look at the file; move it away if you do not need it.',
    });
  }
  if (typeof head.data.version === 'number' && head.data.version > 2) {
    throw new CrossgradeError(`${stateFile} was written by a newer crossgrade (format ${head.data.version}).`, {
      code: 'CG0142',
      hint: 'Nothing was changed. Go on with the crossgrade that began this run, or a newer one.',
    });
  }
  const parsed = stateSchema.safeParse(value);
  if (!parsed.success) {
    throw unusable(`damaged: ${z.prettifyError(parsed.error)}`, parsed.error);
  }
  return parsed.data;
}

function unusable(how: string, cause?: unknown): CrossgradeError {
  return new CrossgradeError(`${stateFile} is ${how}`, {
    code: 'CG0140',
    hint:
      `Nothing was changed. Put back the copy that was written before it ` +
      `(cp ${previousStateFile} ${stateFile}), then type crossgrade resume: ` +
      'what is done is judged from the system itself.',
    cause,
  });
}
