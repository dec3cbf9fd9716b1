import { CrossgradeError } from '../../base/error.ts';
import { exitCodes } from '../../base/exit-codes.ts';
import { type Answers, isOpen, type Question } from '../../base/finding.ts';
import { printableIn, text } from '../../base/printable.ts';
import { checkAnswers, readAnswers } from '../../check/answers-file.ts';
import { type Assessment, type AssessOptions, assess } from '../../check/system/assess.ts';
import { surveyRoot } from '../../check/system/survey-root.ts';
import { readMarksList } from '../../debian/marks-list.ts';
import { assertPackagesFree } from '../../dpkg/system/package-lock.ts';
import type { Facts } from '../../run/facts.ts';
import { forRoot } from '../../run/name-root.ts';
import { rollbackUnfinished } from '../../run/system/rollback.ts';
import { inProgress, tellLogins } from '../../session/system/login-notice.ts';
import { rollbackBegun } from '../../state/state.ts';
import { keptAsPlanned } from '../../state/system/kept-as-planned.ts';
import { readMachineId } from '../../state/system/machine-id.ts';
import { StateStore } from '../../state/system/state-store.ts';
import type { CommonOptions, RunOptions } from '../arguments/arguments.ts';
import { askToBegin, introduction } from '../report/consent.ts';
import { formatFindings } from '../report/findings-view.ts';
import { formatPlan } from '../report/plan-view.ts';
import { askQuestions, createPromptPort } from '../screen/prompts.ts';
import { createJsonScreen } from '../screen/screen-json.ts';
import { createStageLine } from '../screen/stage-line.ts';
import { createLook, type Look, shownLines } from '../screen/terminal.ts';
import { formatTime } from '../words/format.ts';
import { rehearsedWords } from '../words/rehearsed.ts';
import { say } from '../words/text.ts';
import { beginRun } from './begin-run.ts';
import { handOver, handsOver } from './hand-over.ts';
import { performOnScreen } from './perform-on-screen.ts';
import type { Session, Wiring } from './wiring.ts';

/** Assesses the root, asks what is open, and crossgrades it. */
export async function runCommand(options: CommonOptions & RunOptions, wiring: Wiring): Promise<number> {
  const { stderr, environment } = wiring;
  const given = options.answers === undefined ? {} : readAnswers(wiring.readUserFile(options.answers), options.answers);
  const marks = readGivenMarks(options, wiring);
  const look = createLook(stderr, environment, options.color);
  const session = await wiring.openSession(options.root, 'write');
  try {
    const store = new StateStore(session.machine);
    const state = await store.load();
    if (state && rollbackBegun in state.milestones) throw rollbackUnfinished();
    if (state && state.finishedAt === null) {
      throw new CrossgradeError('A crossgrade of this root has begun already.', {
        code: 'CG0145',
        details: [`begun ${formatTime(state.startedAt)}`],
        hint: 'Nothing was changed. Go on with crossgrade resume, or take it back with crossgrade rollback.',
      });
    }
    if (mayAsk(options, wiring)) stderr.write(shownLines(introduction(look, stderr.columns), look));
    const decided = await decide(session, options, { given, kept: {} }, wiring, look);
    if (decided === undefined) {
      return exitCodes.blocked;
    }
    const { assessment, answers } = decided;
    const { pair, solved } = assessment;
    if (solved === undefined) {
      return exitCodes.blocked;
    }
    if (!(await consents(session, options, wiring, look, assessment))) {
      stderr.write(text`Nothing was changed.\n`);
      return exitCodes.interrupted;
    }
    await assertPackagesFree(session.machine);
    const machineId = await readMachineId(session.machine);
    const until = options.until ?? null;
    await beginRun(store, assessment, solved, answers, {
      until,
      ...(machineId !== undefined && { machineId }),
      ...marks,
    });
    if (handsOver(options, wiring)) {
      // The power may be cut before the unit has come to say it.
      await tellLogins(session.machine, inProgress);
      return await handOver(session, options, wiring);
    }
    return await performOnScreen(session, store, pair, options, wiring, false);
  } finally {
    await session.close();
  }
}

function readGivenMarks({ marksFrom }: RunOptions, { readUserFile }: Wiring): { givenMarks?: string[] } {
  return marksFrom === undefined ? {} : { givenMarks: readMarksList(readUserFile(marksFrom), marksFrom) };
}

export interface Decided {
  readonly assessment: Assessment;
  readonly answers: Answers;
}

/** Of an earlier plan, `kept`: a question that is not asked any more leaves its answer unused. */
export interface Decisions {
  readonly given: Answers;
  readonly kept: Answers;
}

/**
 * @param known what the plan is made from; absent: what the root has
 * @returns undefined when something blocks; it has been shown then
 */
export async function decide(
  { machine }: Session,
  options: CommonOptions & RunOptions,
  { given, kept: earlier }: Decisions,
  wiring: Wiring,
  look: Look,
  known?: Facts,
): Promise<Decided | undefined> {
  const { stderr } = wiring;
  const kept = await keptAsPlanned(new StateStore(machine));
  const assessWith = async (answers: Answers): Promise<Assessment> => {
    const quiet = options.output === 'json';
    const stages = createStageLine(stderr, wiring.environment, { color: options.color, quiet });
    // All that a report says is said here: who has read only this shall miss nothing.
    const looking: AssessOptions = { lookAround: surveyRoot, kept, ...(known && { known }) };
    return assess(machine, options.target, wiring.checks, answers, stages.onStage, looking).finally(stages.end);
  };
  let answers: Answers = { ...earlier, ...given };
  let assessment = await assessWith(answers);
  checkAnswers(given, assessment);
  // An answer can bring up another question, or contradict one: that is said, and asked, at once.
  for (let open = openQuestions(assessment, answers); open.length > 0; open = openQuestions(assessment, answers)) {
    if (!mayAsk(options, wiring) || hopeless(assessment)) break;
    answers = { ...without(open, answers), ...(await askQuestions(open, promptOptions(wiring, look))) };
    assessment = await assessWith(answers);
  }
  const view = { look, columns: stderr.columns, verbose: options.verbose };
  if (options.output === 'json') {
    const { observe } = createJsonScreen({ stream: wiring.stdout });
    for (const finding of assessment.findings) {
      observe({ type: 'finding', finding });
    }
    if (assessment.solved) {
      observe({ type: 'planned', plan: assessment.solved.plan });
    }
  } else if (assessment.findings.length > 0) {
    const open = new Set(openQuestions(assessment, answers).map(({ id }) => id));
    const lines = formatFindings(printableIn(forRoot(assessment.findings, options.root)), {
      ...view,
      open,
      notesCounted: true,
    });
    stderr.write(shownLines(lines, look));
  }
  const stillOpen = openQuestions(assessment, answers);
  if (stillOpen.length > 0) {
    stderr.write(shownLines(howToAnswer(stillOpen), look));
  }
  return assessment.findings.some((finding) => finding.severity === 'blocker') ? undefined : { assessment, answers };
}

/** Who is asked again takes back what was answered, for single ones as well. */
function without(questions: readonly Question[], answers: Answers): Answers {
  const asked = new Set(questions.map(({ id }) => id));
  return Object.fromEntries(Object.entries(answers).filter(([key]) => !asked.has(key.replace(/\/.*/, ''))));
}

/** For a run that may not ask. */
function howToAnswer(questions: readonly Question[]): string[] {
  const example = Object.fromEntries(
    questions.map(({ id, choices }) => [id, (choices.find((choice) => choice.recommended) ?? choices[0])?.value]),
  );
  return [
    'Open decisions; write your answers into a file and name it with --answers FILE:',
    `  ${JSON.stringify(example)}`,
    ...questions.flatMap(({ id, choices, affected, single }) => [
      `  ${id}:`,
      ...choices.map((choice) => `    ${choice.value}: ${choice.title}. ${choice.consequence}`),
      ...(single && affected.length > 1
        ? [`  ${id}/PACKAGE: ${single.choices.map(({ value }) => value).join(' or ')}, for that one alone`]
        : []),
    ]),
  ];
}

/** Something blocks that no answer can change. */
function hopeless({ findings }: Assessment): boolean {
  return findings.some((one) => one.severity === 'blocker' && !one.remedies.some((remedy) => 'decision' in remedy));
}

function openQuestions({ questions }: Assessment, answers: Answers): Question[] {
  return questions.filter((question) => isOpen(question, answers));
}

async function consents(
  session: Session,
  options: RunOptions & CommonOptions,
  wiring: Wiring,
  look: Look,
  assessment: Assessment,
): Promise<boolean> {
  const { stderr } = wiring;
  if (assessment.solved && options.output === 'text') {
    const view = { look, columns: stderr.columns, verbose: options.verbose };
    stderr.write(shownLines(formatPlan(printableIn(assessment.solved.plan), view), look));
    for (const line of await rehearsedWords(session.machine)) say(stderr, line);
  }
  if (options.yes) {
    return true;
  }
  return askToBegin(session, assessment, options, wiring, promptOptions(wiring, look));
}

export function mayAsk(options: RunOptions & CommonOptions, { stdin, stderr }: Wiring): boolean {
  return !options.yes && options.answers === undefined && options.output === 'text' && stdin.isTTY && stderr.isTTY;
}

export function promptOptions(wiring: Wiring, look: Look): Parameters<typeof askQuestions>[1] {
  const { stdin, stderr, environment } = wiring;
  return { look, input: stdin, output: stderr, port: createPromptPort(stdin, stderr, environment) };
}
