import * as z from 'zod';
import { CrossgradeError } from '../core/error.ts';
import type { Answers, Question } from '../core/finding.ts';
import { exitCodes } from './exit-codes.ts';

/** Every question that any check can ask. */
export const questionIds = ['no-counterpart', 'no-solution', 'residual-config', 'other-data', 'reboot'] as const;

/** Every answer that a question can take, asked here or not: an answers file is often written for many hosts. */
export const answerValues: Readonly<Record<(typeof questionIds)[number], readonly string[]>> = {
  'no-counterpart': ['stop', 'remove', 'keep'],
  'no-solution': ['stop', 'remove'],
  'residual-config': ['keep', 'purge'],
  'other-data': ['stop', 'leave'],
  reboot: ['automatic', 'by-hand'],
};

const schema = z.partialRecord(z.enum(questionIds), z.string());

/**
 * @param text a JSON object: question id to the chosen value; an empty one, as in a template, leaves the question open
 * @throws {CrossgradeError} CG0004 for anything else
 */
export function readAnswers(text: string, fileName: string): Answers {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw wrong(`${fileName} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const keys = value !== null && typeof value === 'object' && !Array.isArray(value) ? Object.keys(value) : [];
    const unknown = keys.filter((key) => !questionIds.some((id) => id === key));
    throw wrong(
      unknown.length > 0
        ? `${fileName} answers a question that crossgrade does not ask: ${unknown.join(', ')}`
        : `${fileName} is not an object of questions and chosen values.`,
      parsed.error,
    );
  }
  const answers = Object.fromEntries(
    Object.entries(parsed.data).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''),
  );
  for (const id of questionIds) {
    const given = answers[id];
    if (given !== undefined && !answerValues[id].includes(given)) throw noAnswer(id, given, answerValues[id]);
  }
  return answers;
}

/** @throws {CrossgradeError} CG0004 when an answer is not one of the choices */
export function checkAnswers(answers: Answers, questions: readonly Question[]): void {
  for (const { id, choices } of questions) {
    const given = answers[id];
    if (given !== undefined && !choices.some((choice) => choice.value === given)) {
      throw noAnswer(
        id,
        given,
        choices.map((choice) => choice.value),
      );
    }
  }
}

function noAnswer(id: string, given: string, values: readonly string[]): CrossgradeError {
  return wrong(`“${given}” is no answer to ${id}; it takes one of: ${values.join(', ')}.`);
}

function wrong(message: string, cause?: unknown): CrossgradeError {
  return new CrossgradeError(message, {
    code: 'CG0004',
    hint: `Nothing was changed. Questions are: ${questionIds.join(', ')}.`,
    exitCode: exitCodes.usage,
    cause,
  });
}
