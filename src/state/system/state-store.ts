import { CrossgradeError } from '../../base/error.ts';
import type { Answers } from '../../base/finding.ts';
import type { Machine } from '../../base/machine.ts';
import {
  answersFile,
  basisFile,
  beforeRecordFile,
  planFile,
  previousStateFile,
  renewalFile,
  stateFile,
  stateFolder,
  targetFile,
} from '../../base/own-paths.ts';
import type { RootPath } from '../../base/root.ts';
import type { Plan, TargetSet } from '../../plan/plan.ts';
import type { Basis } from '../basis.ts';
import type { BeforeRecord } from '../before-record.ts';
import type { State } from '../state.ts';

/** To build what checks such files takes a while, and where no run was begun there are none. */
const stored = () => import('./stored-files.ts');

/** The files of a run inside the root. */
export class StateStore {
  readonly #machine: Machine;
  #state: State | undefined;
  #plan: Plan | undefined;
  #before: BeforeRecord | undefined;
  #written: Promise<void> = Promise.resolve();

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /**
   * @returns undefined when no run was ever begun on this root
   * @throws {CrossgradeError} CG0140 to CG0142, CG0149, CG0155
   */
  async load(): Promise<State | undefined> {
    const text = await this.#machine.readTextIfThere(stateFile).catch((cause: unknown) => {
      throw new CrossgradeError(`${stateFile} cannot be read.`, {
        code: 'CG0149',
        details: [cause instanceof Error ? cause.message : String(cause)],
        hint: 'Nothing was changed. It must be a plain file that root can read; is the disk sound?',
        cause,
      });
    });
    if (this.#machine.unreadable().some((path) => path === stateFile)) {
      throw new CrossgradeError('Only root can see whether a crossgrade of this root is in progress.', {
        code: 'CG0155',
        hint: 'Nothing was changed. Run the same command as root, for example with `sudo`.',
        cause: Object.assign(new Error('EACCES'), { code: 'EACCES' }),
      });
    }
    const begun = text !== undefined || (await this.#machine.exists(previousStateFile));
    this.#state = begun ? (await stored()).readState(text) : undefined;
    return this.#state;
  }

  get state(): State {
    if (this.#state === undefined) {
      throw new CrossgradeError('No crossgrade was begun on this root.', {
        code: 'CG0144',
        hint: 'Begin one with crossgrade run.',
      });
    }
    return this.#state;
  }

  async begin(state: State, plan: Plan, target: TargetSet, answers: Answers, basis?: Basis): Promise<void> {
    await this.#machine.makeDirectory(stateFolder, 0o700);
    await this.savePlan(plan);
    await this.#writeAll(inputFiles(target, answers, basis));
    await this.#write(state);
  }

  /** Another plan takes the place of the one that is there: all of it or, when we are killed, nothing. */
  async planAnew(plan: Plan, target: TargetSet, answers: Answers, basis: Basis, before?: BeforeRecord): Promise<void> {
    // The lists that apt has are those of the old plan.
    const { lists: _, ...milestones } = this.state.milestones;
    await this.update({ milestones });
    const renewal: Record<RootPath, string> = {
      [planFile]: JSON.stringify(plan),
      ...(before && { [beforeRecordFile]: JSON.stringify(before) }),
      ...inputFiles(target, answers, basis),
    };
    await this.#machine.write(renewalFile, JSON.stringify(renewal), { mode: 0o600 });
    await this.#finishRenewal();
  }

  /** What is in the renewal is what counts, so a kill between two of its files changes nothing. */
  async #finishRenewal(): Promise<void> {
    const renewal = await this.#renewal();
    if (renewal === undefined) return;
    await this.#writeAll(renewal);
    await this.#machine.remove(renewalFile);
    this.#plan = undefined;
    this.#before = undefined;
  }

  async #writeAll(files: Readonly<Record<RootPath, string>>): Promise<void> {
    for (const [path, text] of Object.entries(files)) {
      await this.#machine.write(path as RootPath, text, { mode: 0o600 });
    }
  }

  async #renewal(): Promise<Readonly<Record<RootPath, string>> | undefined> {
    const text = await this.#machine.readTextIfThere(renewalFile);
    return text === undefined ? undefined : (await stored()).readRenewal(text);
  }

  async #readIfThere(path: RootPath): Promise<string | undefined> {
    return (await this.#renewal())?.[path] ?? (await this.#machine.readTextIfThere(path));
  }

  async #read(path: RootPath): Promise<string> {
    return (await this.#readIfThere(path)) ?? (await this.#machine.readText(path));
  }

  /** One after the other: a signal may have something to note while a step does. */
  update(change: Partial<State>): Promise<void> {
    const written = this.#written.then(() => this.#write({ ...this.state, ...change }));
    this.#written = written.catch(() => undefined);
    return written;
  }

  async savePlan(plan: Plan): Promise<void> {
    await this.#finishRenewal();
    await this.#machine.write(planFile, JSON.stringify(plan), { mode: 0o600 });
    this.#plan = plan;
  }

  async plan(): Promise<Plan> {
    this.#plan ??= (await stored()).readPlan(await this.#read(planFile));
    return this.#plan;
  }

  async target(): Promise<TargetSet> {
    return (await stored()).readTarget(await this.#read(targetFile));
  }

  async answers(): Promise<Answers> {
    const text = await this.#readIfThere(answersFile);
    return text === undefined ? {} : (await stored()).readAnswers(text);
  }

  /** @returns undefined before `prepare/record-before` has run */
  async record(): Promise<BeforeRecord | undefined> {
    if (this.#before === undefined) {
      const text = await this.#readIfThere(beforeRecordFile);
      this.#before = text === undefined ? undefined : (await stored()).readBefore(text);
    }
    return this.#before;
  }

  /** @returns undefined where neither it nor a record of before is there: of a run that an older crossgrade began */
  async basis(): Promise<Basis | undefined> {
    const text = await this.#readIfThere(basisFile);
    const { basisOfRecord, readBasis } = await stored();
    if (text !== undefined) return readBasis(text);
    const before = await this.record();
    return before && basisOfRecord(before);
  }

  async #write(state: State): Promise<void> {
    await this.#finishRenewal();
    const old = await this.#machine.readTextIfThere(stateFile);
    if (old !== undefined) {
      await this.#machine.write(previousStateFile, old, { mode: 0o600 });
    }
    await this.#machine.write(stateFile, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
    this.#state = state;
  }
}

function inputFiles(target: TargetSet, answers: Answers, basis: Basis | undefined): Record<RootPath, string> {
  return {
    [targetFile]: JSON.stringify(target),
    [answersFile]: `${JSON.stringify(answers, undefined, 2)}\n`,
    ...(basis && { [basisFile]: JSON.stringify(basis) }),
  };
}
