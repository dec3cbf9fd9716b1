import * as z from 'zod';
import { CrossgradeError } from '../core/error.ts';
import type { Answers, Question } from '../core/finding.ts';
import { fateValues, noCounterpartQuestion } from '../core/no-counterpart.ts';
import { exitCodes } from './exit-codes.ts';

/** Every question that any check can ask. */
export const questionIds = [
  'no-counterpart',
  'no-solution',
  'residual-config',
  'other-data',
  'local-software',
  'virtualenv',
  'reboot',
] as const;

/** Every answer that a question can take, asked here or not: an answers file is often written for many hosts. */
export const answerValues: Readonly<Record<(typeof questionIds)[number], readonly string[]>> = {
  'no-counterpart': ['stop', 'remove', 'keep'],
  'no-solution': ['stop', 'remove'],
  'residual-config': ['keep', 'purge'],
  'other-data': ['stop', 'leave'],
  'local-software': ['leave', 'keep'],
  virtualenv: ['leave', 'rebuild'],
  reboot: ['automatic', 'by-hand'],
};

/** Answers that a single one of those may have of which a question asks, as `id/NAME`. */
const singleValues: Readonly<Record<string, readonly string[]>> = { [noCounterpartQuestion]: fateValues };

const schema = z.record(z.string(), z.string());

/**
 * @param text a JSON object: question id, or `id/NAME`, to the chosen value; an empty one, as in a template, is none
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
  if (!parsed.success) throw wrong(`${fileName} is not an object of questions and chosen values.`, parsed.error);
  const unknown = Object.keys(parsed.data).filter((key) => valuesOf(key) === undefined);
  if (unknown.length > 0) {
    throw wrong(`${fileName} answers a question that crossgrade does not ask: ${unknown.join(', ')}`);
  }
  const answers = Object.fromEntries(Object.entries(parsed.data).filter(([, given]) => given !== ''));
  for (const [key, given] of Object.entries(answers)) {
    const values = valuesOf(key) ?? [];
    if (!values.includes(given)) throw noAnswer(key, given, values);
  }
  return answers;
}

/** @param key `no-counterpart`, `no-counterpart/wine32` */
function valuesOf(key: string): readonly string[] | undefined {
  const [id = '', name] = key.split('/');
  if (name === undefined)
    return questionIds.find((one) => one === id) && answerValues[id as (typeof questionIds)[number]];
  return /^[a-z0-9][a-z0-9.+-]+$/.test(name) && key === `${id}/${name}` ? singleValues[id] : undefined;
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
