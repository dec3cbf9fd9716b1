import { CrossgradeError } from '../../base/error.ts';
import { exitCodes } from '../../base/exit-codes.ts';
import { printable, printableIn, text } from '../../base/printable.ts';
import { readAnswers } from '../../check/answers-file.ts';
import type { ArchitecturePair } from '../../debian/architecture.ts';
import { instanceKey } from '../../debian/package.ts';
import { leftOver, planDifferences } from '../../plan/plan-differences.ts';
import { awaitEarlier } from '../../run/system/await-earlier.ts';
import { changedError, findChanges, listChanges } from '../../run/system/find-changes.ts';
import { renewRecords } from '../../run/system/record-before.ts';
import { takeBackForNewPlan } from '../../run/system/rollback.ts';
import { readContext, settleState } from '../../run/system/run.ts';
import { openTelling } from '../../run/system/run-telling.ts';
import { basisOf } from '../../state/basis.ts';
import { type PlanChange, withoutOwn } from '../../state/changes.ts';
import type { StateStore } from '../../state/system/state-store.ts';
import type { CommonOptions, RunOptions } from '../arguments/arguments.ts';
import { formatPlan } from '../report/plan-view.ts';
import { createScreen } from '../screen/create-screen.ts';
import { confirm } from '../screen/prompts.ts';
import { createLook, shownLines } from '../screen/terminal.ts';
import { decide, mayAsk, promptOptions } from './run.ts';
import type { Session, Wiring } from './wiring.ts';

/**
 * Where somebody has changed what the plan was made from, and there still is a way back: names it, takes back what was
 * brought by the old plan, and makes another one.
 *
 * @returns undefined when the run can go on; otherwise what to end with
 * @throws {CrossgradeError} CG0251 where nobody can be asked; CG0264
 */
export async function planAnewIfChanged(
  session: Session,
  store: StateStore,
  pair: ArchitecturePair,
  options: CommonOptions & RunOptions,
  wiring: Wiring,
): Promise<number | undefined> {
  const { machine } = session;
  const { stderr } = wiring;
  if ((await changesOf(session, store, pair)).length === 0) return undefined;
  // What dpkg is still at is nobody's change.
  await awaitEarlier(
    machine,
    store,
    '',
    (event) => event.type === 'step-message' && stderr.write(text`${printable(event.text)}\n`),
    {
      requested: false,
    },
  );
  const changes = await changesOf(session, store, pair);
  if (changes.length === 0) return undefined;
  if (!options.yes && !mayAsk({ ...options, answers: undefined }, wiring)) throw changedError(changes);
  const look = createLook(stderr, wiring.environment, options.color);
  stderr.write(
    shownLines(
      [
        'Since the plan was made, somebody has changed what it was made from:',
        ...listChanges(changes).map((line) => `  ${printable(line)}`),
      ],
      look,
    ),
  );
  const question = text`What was added beside the old system is taken back, and another plan is made. Shall it be so?`;
  if (!options.yes && !(await confirm(question, true, promptOptions(wiring, look)))) {
    stderr.write(text`Nothing was changed.\n`);
    return exitCodes.interrupted;
  }
  await settleState(machine, store, pair);
  await takeBackBeside(session, store, pair, options, wiring);
  return makeAnother(session, store, pair, options, wiring);
}

async function changesOf({ machine }: Session, store: StateStore, pair: ArchitecturePair): Promise<PlanChange[]> {
  return findChanges(store, await readContext(machine, store, pair));
}

async function takeBackBeside(
  { machine }: Session,
  store: StateStore,
  pair: ArchitecturePair,
  options: CommonOptions & RunOptions,
  wiring: Wiring,
): Promise<void> {
  const screen = createScreen({ ...options, ...wiring });
  const { journal, observe } = openTelling(machine, options.root, (event) => screen.observe(event));
  try {
    await takeBackForNewPlan(machine, store, pair, wiring.steps, observe, options.root);
  } finally {
    await journal.written();
    await screen.finish();
  }
}

async function makeAnother(
  session: Session,
  store: StateStore,
  pair: ArchitecturePair,
  options: CommonOptions & RunOptions,
  wiring: Wiring,
): Promise<number | undefined> {
  const { machine } = session;
  const { stderr } = wiring;
  const look = createLook(stderr, wiring.environment, options.color);
  const { facts, plan, record: before, answers: kept } = await readContext(machine, store, pair);
  const basis = await store.basis();
  if (basis === undefined) return undefined;
  const bare = withoutOwn(facts, basis, plan, pair);
  const given = options.answers === undefined ? {} : readAnswers(wiring.readUserFile(options.answers), options.answers);
  const decided = await decide(session, options, { given, kept }, wiring, look, bare);
  const solved = decided?.assessment.solved;
  if (decided === undefined || solved === undefined) return exitCodes.blocked;
  const stays = new Set(bare.inventory.packages.map(instanceKey));
  const left = leftOver(
    facts.inventory.packages.filter((one) => !stays.has(instanceKey(one))),
    solved.plan,
  );
  if (left.length > 0) {
    throw new CrossgradeError('The new plan has another kernel than the one that the old plan has installed.', {
      code: 'CG0264',
      details: left,
      hint: 'The old plan is kept. Type crossgrade rollback, which takes that kernel away, and then crossgrade run.',
      exitCode: exitCodes.blocked,
    });
  }
  const differences = planDifferences(plan, solved.plan);
  if (options.output === 'text') {
    const view = { look, columns: stderr.columns, verbose: options.verbose };
    stderr.write(shownLines(formatPlan(printableIn(solved.plan), view), look));
  }
  stderr.write(
    shownLines(
      differences.length === 0
        ? ['The new plan leads to the same packages as the old one.']
        : ['The new plan differs from the old one:', ...differences.map((line) => `  ${printable(line)}`)],
      look,
    ),
  );
  if (!options.yes && !(await confirm(text`Go on with the new plan?`, true, promptOptions(wiring, look)))) {
    stderr.write(text`The old plan is kept; crossgrade resume asks again.\n`);
    return exitCodes.interrupted;
  }
  const renewed = await renewRecords(machine, before, bare);
  const next = { ...solved.plan, ...(plan.givenMarks && { givenMarks: plan.givenMarks }) };
  await store.planAnew(next, solved.target, decided.answers, basisOf(bare), renewed);
  return undefined;
}
