import { CrossgradeError } from '../base/error.ts';
import { exitCodes } from '../base/exit-codes.ts';
import { type Answers, type Question, singleKey } from '../base/finding.ts';
import { type JsonPair, readJsonPairs } from '../base/json-pairs.ts';
import { listNames } from '../base/list-names.ts';
import { nearest } from '../base/nearest.ts';
import { downgradeQuestion, downgradeValues } from '../plan/downgrade.ts';
import type { Facts } from '../run/facts.ts';
import type { Solved } from './check.ts';
import { fateValues, noCounterpartQuestion } from './no-counterpart.ts';

/** Every question that any check can ask. */
export const questionIds = [
  'no-counterpart',
  'no-solution',
  'residual-config',
  'downgrade',
  'derivative',
  'firmware-loader',
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
  downgrade: ['stop', 'keep', 'downgrade'],
  derivative: ['stop', 'go-on'],
  'firmware-loader': ['stop', 'keep', 'replace'],
  'other-data': ['stop', 'leave'],
  'local-software': ['leave', 'keep'],
  virtualenv: ['leave', 'rebuild'],
  reboot: ['automatic', 'by-hand'],
};

/** Answers that a single one of those may have of which a question asks, as `id/NAME`. */
const singleValues: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  [noCounterpartQuestion, fateValues],
  [downgradeQuestion, downgradeValues],
]);

const packageName = /^[a-z0-9][a-z0-9.+-]+$/;

/**
 * @param text a JSON object: question id, or `id/NAME`, to the chosen value; an empty one, as in a template, is none
 * @throws {CrossgradeError} CG0004 for anything else
 */
export function readAnswers(text: string, fileName: string): Answers {
  const pairs = readJsonPairs(text);
  if (pairs === 'no object') throw wrong(`${fileName} is not an object of questions and chosen values.`);
  if ('what' in pairs) throw wrong(`${fileName} is not JSON: line ${pairs.line}: ${pairs.what}.`);
  assertKnown(pairs, fileName);
  const answers = new Map<string, JsonPair & { readonly value: string }>();
  for (const { key, value, line } of pairs) {
    if (value === undefined) {
      throw wrong(`${fileName}, line ${line}: the answer to ${key} must be a text in double quotes.`);
    }
    const earlier = answers.get(key);
    if (earlier !== undefined && earlier.value !== value) {
      throw wrong(
        `${fileName} answers ${key} twice: “${earlier.value}” on line ${earlier.line}, “${value}” on line ${line}.`,
      );
    }
    const values = valuesOf(key) ?? [];
    if (value !== '' && !values.includes(value)) throw noAnswer(key, value, values);
    answers.set(key, { key, value, line });
  }
  return Object.fromEntries(
    [...answers.values()].filter(({ value }) => value !== '').map((one) => [one.key, one.value]),
  );
}

function assertKnown(pairs: readonly JsonPair[], fileName: string): void {
  const unknown = pairs.filter(({ key }) => valuesOf(key) === undefined);
  if (unknown.length === 0) return;
  const meant = unknown.flatMap(({ key }) => keyMeant(key) ?? []);
  throw wrong(
    `${fileName} answers a question that crossgrade does not ask: ${unknown.map(({ key }) => key).join(', ')}`,
    meant.length > 0 ? `Did you mean ${meant.join(', ')}?` : undefined,
  );
}

/** The question that a key of an answers file belongs to: `no-counterpart` for `no-counterpart/wine32`. */
export function questionOf(key: string): string | undefined {
  return valuesOf(key) === undefined ? undefined : key.split('/')[0];
}

/** @param key `no-counterpart`, `no-counterpart/wine32` */
function valuesOf(key: string): readonly string[] | undefined {
  const [id = '', name] = key.split('/');
  if (name === undefined)
    return questionIds.find((one) => one === id) && answerValues[id as (typeof questionIds)[number]];
  return packageName.test(name) && key === `${id}/${name}` ? singleValues.get(id) : undefined;
}

/** Packages are named as an answers file does: without their architecture. */
function keyMeant(key: string): string | undefined {
  const [id = '', ...rest] = key.split('/');
  const question = nearest(id, questionIds);
  const [name = ''] = rest.join('/').split(':');
  const meant = rest.length === 0 ? question : `${question}/${name}`;
  return meant !== undefined && valuesOf(meant) !== undefined ? meant : undefined;
}

/** What of an assessment tells whether answers fit it. */
export interface Asked {
  readonly questions: readonly Question[];
  readonly facts: Pick<Facts, 'inventory'>;
  /** Absent where something else blocks: then it is not known what has no counterpart. */
  readonly solved?: Pick<Solved, 'target'>;
  /** Of the names that answers give: what is not installed, and no repository has for the target. */
  readonly unheardOf?: readonly string[];
}

/**
 * @throws {CrossgradeError} CG0004 when an answer is not one of the choices, or is for a single package that the
 * question is not about: misspelt, it would be taken for one that is answered, and the package meant would go
 */
export function checkAnswers(answers: Answers, asked: Asked): void {
  for (const { id, choices } of asked.questions) {
    const given = answers[id];
    if (given !== undefined && !choices.some((choice) => choice.value === given)) {
      throw noAnswer(
        id,
        given,
        choices.map((choice) => choice.value),
      );
    }
  }
  if (asked.solved === undefined) return;
  for (const id of singleValues.keys()) assertNames(id, answers, asked);
}

function assertNames(id: string, answers: Answers, asked: Asked): void {
  const affected = asked.questions.find((question) => question.id === id)?.affected ?? [];
  const unanswered = affected.filter((name) => answers[singleKey(id, name)] === undefined);
  const prefix = singleKey(id, '');
  const installed = asked.facts.inventory.packages.filter(({ state }) => state !== 'config-files');
  const names = installed.map((one) => one.name);
  for (const [key, given] of Object.entries(answers).filter(([one]) => one.startsWith(prefix))) {
    const name = key.slice(prefix.length);
    if (affected.includes(name)) continue;
    if (names.includes(name)) {
      const goesOver = asked.solved?.target.packages.some((one) => one.name === name) === true;
      const why = goesOver ? 'goes over, so there is nothing to decide' : 'is none of the packages that it asks of';
      throw wrong(`The answers name ${key}, but ${name} ${why}.`, 'Take it out of the answers file.');
    }
    const meant = nearest(name, unanswered);
    if (meant !== undefined && given !== answers[id]) {
      throw wrong(`The answers name ${key}, but there is no such package.`, `Did you mean ${singleKey(id, meant)}?`);
    }
    if (asked.unheardOf?.includes(name)) throw unheardOf(id, name, names);
    assertNoneGoesForIt(id, name, unanswered, answers);
  }
}

function unheardOf(id: string, name: string, installed: readonly string[]): CrossgradeError {
  const meant = nearest(name, installed);
  return wrong(
    `The answers name ${singleKey(id, name)}, but neither this system nor a repository has such a package.`,
    meant === undefined ? 'Take it out of the answers file.' : `Did you mean ${singleKey(id, meant)}?`,
  );
}

/** Answers for all after which a package is not what it was. */
const losing: ReadonlySet<string> = new Set(['remove', 'downgrade']);

/** An answers file is often written for many hosts: a name that is not there matters when another one goes for it. */
function assertNoneGoesForIt(id: string, name: string, unanswered: readonly string[], answers: Answers): void {
  const key = singleKey(id, name);
  const forAll = answers[id] ?? '';
  if (answers[key] !== 'keep' || !losing.has(forAll) || unanswered.length === 0) return;
  throw wrong(
    `The answers keep ${name}, which is not installed, and ${forAll} what has no answer of its own: ${listNames(unanswered)}.`,
    `If that is right, take ${key} out of the answers file.`,
  );
}

function noAnswer(id: string, given: string, values: readonly string[]): CrossgradeError {
  return wrong(`“${given}” is no answer to ${id}; it takes one of: ${values.join(', ')}.`);
}

function wrong(message: string, hint = `Questions are: ${questionIds.join(', ')}.`): CrossgradeError {
  return new CrossgradeError(message, {
    code: 'CG0004',
    hint: `Nothing was changed. ${hint}`,
    exitCode: exitCodes.usage,
  });
}
