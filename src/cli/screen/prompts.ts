import { setTimeout as sleep } from 'node:timers/promises';
import inquirer from 'inquirer';
import { CrossgradeError } from '../../base/error.ts';
import { exitCodes } from '../../base/exit-codes.ts';
import { type Answers, type Choice, type Question, singleKey } from '../../base/finding.ts';
import { joinLines, type Printable, printable, printableIn, text } from '../../base/printable.ts';
import { hang, listSome, plainLine, textColumns } from '../words/text.ts';
import type { PromptPort, SelectPrompt } from './prompt-port.ts';
import { createPlainPromptPort } from './prompts-plain.ts';
import {
  canRedraw,
  createLook,
  type Environment,
  type Look,
  type Output,
  printLines,
  type TerminalStream,
} from './terminal.ts';

export interface PromptOptions {
  readonly look: Look;
  readonly input: TerminalStream;
  readonly output: TerminalStream;
  readonly port: PromptPort;
}

const fewAffected = 8;
/** In which the terminal hands over what waits in it. */
const typeAheadMs = 50;

/**
 * Asks one question after the other, before anything is changed.
 *
 * @throws {CrossgradeError} CG0003 (3) when there is no terminal to ask on; CG0002 (130) on Ctrl-C
 */
export async function askQuestions(questions: readonly Question[], options: PromptOptions): Promise<Answers> {
  if (questions.length === 0) return {};
  if (!isInteractive(options)) {
    throw new CrossgradeError('There are open decisions, and no terminal to ask on.', {
      code: 'CG0003',
      details: questions.map((one) => `${one.id}: ${plainLine(one.text)}`),
      hint: 'Write your decisions into a file (`crossgrade check --answers-template FILE`) and use `--answers FILE`.',
      exitCode: exitCodes.blocked,
    });
  }
  const answers: Record<string, string> = {};
  for (const [index, question] of questions.entries()) {
    for (const line of formatQuestion(printableIn(question), index + 1, questions.length, options))
      options.port.write(line);
    const answer = await orInterrupted(options.port.select(toPrompt(question)));
    if (answer === forEach) Object.assign(answers, await askForEach(question, options));
    else answers[question.id] = answer;
  }
  return answers;
}

/** No answer of any question. */
const forEach = 'each';

/** One after the other; the choices were explained already. */
async function askForEach({ id, affected, single }: Question, options: PromptOptions): Promise<Answers> {
  const answers: Record<string, string> = {};
  for (const name of affected) {
    const about = single?.about[name] ?? '';
    if (about !== '')
      for (const line of hang('', plainLine(about), textColumns(options.output.columns)))
        options.port.write(printable(line));
    answers[singleKey(id, name)] = await orInterrupted(
      options.port.select({
        message: text`${plainLine(name)}:`,
        choices: (single?.choices ?? []).map(({ value, title }) => ({ value, name: printable(title) })),
        preselected: undefined,
      }),
    );
  }
  return answers;
}

/**
 * @param byDefault what Enter alone says
 * @throws {CrossgradeError} CG0003 (3) when there is no terminal to ask on; CG0002 (130) on Ctrl-C
 */
export async function confirm(message: Printable, byDefault: boolean, options: PromptOptions): Promise<boolean> {
  if (!isInteractive(options)) {
    throw noTerminal();
  }
  return orInterrupted(options.port.confirm({ message, byDefault }));
}

/**
 * @throws {CrossgradeError} CG0003 (3) when there is no terminal to ask on; CG0002 (130) on Ctrl-C
 */
export async function choose(question: SelectPrompt, options: PromptOptions): Promise<string> {
  if (!isInteractive(options)) throw noTerminal();
  return orInterrupted(options.port.select(question));
}

function noTerminal(): CrossgradeError {
  return new CrossgradeError('This needs your consent, and there is no terminal to ask on.', {
    code: 'CG0003',
    hint: 'Use `--yes` to say yes beforehand.',
    exitCode: exitCodes.blocked,
  });
}

/** @returns prompts on a real terminal: drawn by inquirer, or plain lines where it can't redraw */
export function createPromptPort(input: NodeJS.ReadStream, output: Output, environment: Environment): PromptPort {
  if (!canRedraw(output, environment)) return createPlainPromptPort(input, output);
  // It draws with codes of its own, and gets words that may be printed from us alone.
  const prompt = inquirer.createPromptModule({ input, output: output as NodeJS.WriteStream });
  const { signs } = createLook(output, environment);
  // inquirer knows the text console, and not the languages without UTF-8.
  const theme = {
    prefix: { idle: '?', done: signs.done },
    icon: { cursor: signs.current },
    style: { keysHelpTip: () => 'arrow keys to choose, Enter to take' },
  };
  return {
    select: async ({ message, choices, preselected }) => {
      await discardTypeAhead(input);
      const asked = prompt<{ answer: string }>([
        {
          type: 'select',
          name: 'answer',
          message,
          choices: choices.map(({ value, name }) => ({ value, name, short: name })),
          loop: false,
          theme,
          ...(preselected === undefined ? {} : { default: preselected }),
        },
      ]);
      return (await closedWithInput(asked, input)).answer;
    },
    confirm: async ({ message, byDefault }) => {
      await discardTypeAhead(input);
      const asked = prompt<{ answer: boolean }>([
        { type: 'confirm', name: 'answer', message, default: byDefault, theme },
      ]);
      return (await closedWithInput(asked, input)).answer;
    },
    write: (line) => {
      output.write(joinLines([line]));
    },
  };
}

/** inquirer itself would wait for ever, and the program end without a word, once there is nothing left to read. */
async function closedWithInput<T>(
  asked: Promise<T> & { readonly ui: { close(): void } },
  input: NodeJS.ReadStream,
): Promise<T> {
  const close = () => asked.ui.close();
  const closeOnControlD = (_text: string, key: { readonly name?: string; readonly ctrl?: boolean }) => {
    if (key.ctrl && key.name === 'd') close();
  };
  input.once('end', close);
  input.on('keypress', closeOnControlD);
  try {
    return await asked;
  } finally {
    input.off('end', close);
    input.off('keypress', closeOnControlD);
  }
}

/** What was typed before a question could be read is no answer to it. */
async function discardTypeAhead(input: NodeJS.ReadStream): Promise<void> {
  const discard = () => {};
  input.setRawMode(true);
  input.on('data', discard);
  await sleep(typeAheadMs);
  input.off('data', discard);
  input.pause();
  input.setRawMode(false);
}

function isInteractive({ input, output }: PromptOptions): boolean {
  return input.isTTY === true && output.isTTY === true;
}

function formatQuestion(
  question: Question,
  number: number,
  count: number,
  { look, output }: PromptOptions,
): Printable[] {
  const columns = textColumns(output.columns);
  const lines = [
    '',
    look.paint('dim', `Decision ${number} of ${count}: ${question.id}`),
    ...hang('', question.why, columns),
    ...(question.single?.contradictions ?? []).flatMap((one) => hang('', look.paint('red', plainLine(one)), columns)),
  ];
  if (question.affected.length > 0) {
    lines.push(...hang('', `Affected: ${listSome(question.affected.map(plainLine), fewAffected)}`, columns));
  }
  // All consequences at once: inquirer would only show that of the choice under the cursor.
  for (const choice of question.choices) {
    lines.push(...hang(`  ${look.signs.separator} `, `${nameOf(choice)}: ${choice.consequence}`, columns));
  }
  return printLines(lines, look);
}

function toPrompt({ text: asked, choices, affected, single }: Question): SelectPrompt {
  const each =
    single !== undefined && affected.length > 1 ? [{ value: forEach, name: text`Decide for each of them` }] : [];
  return {
    message: printable(asked),
    choices: [...choices.map((choice) => ({ value: choice.value, name: nameOf(choice) })), ...each],
    preselected: choices.find((choice) => choice.recommended === true)?.value,
  };
}

function nameOf(choice: Choice): Printable {
  return printable(choice.recommended === true ? `${choice.title} (recommended)` : choice.title);
}

/** inquirer rejects with these when the user presses Ctrl-C or the terminal goes away. */
const leavingNames: ReadonlySet<string> = new Set(['ExitPromptError', 'AbortPromptError', 'CancelPromptError']);

/** The user pressed Ctrl-C at a question, or the terminal went away. */
export function isLeaving(error: unknown): boolean {
  return error instanceof Error && leavingNames.has(error.name);
}

async function orInterrupted<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!isLeaving(error)) throw error;
    throw new CrossgradeError('Interrupted at a question; nothing was changed.', {
      code: 'CG0002',
      hint: 'Type the same command again when you are ready.',
      exitCode: exitCodes.interrupted,
      cause: error,
    });
  }
}
