import { expect, test } from 'vitest';
import { checkAnswers, readAnswers } from '../../src/cli/answers-file.ts';
import type { Question } from '../../src/core/finding.ts';

const question: Question = {
  id: 'residual-config',
  text: 'Purge?',
  why: '',
  affected: [],
  choices: ['keep', 'purge'].map((value) => ({ value, title: value, consequence: '' })),
};

test('answers are read', () => {
  expect(readAnswers('{"residual-config":"keep","no-counterpart":"remove"}', 'a.json')).toEqual({
    'residual-config': 'keep',
    'no-counterpart': 'remove',
  });
  expect(readAnswers('{}', 'a.json')).toEqual({});
});

test('what a template leaves empty is still open', () => {
  expect(readAnswers('{"residual-config":"","no-counterpart":"remove"}', 'a.json')).toEqual({
    'no-counterpart': 'remove',
  });
});

test('a single package can have an answer of its own', () => {
  const text = '{"no-counterpart":"remove","no-counterpart/libwine-32.0+x":"keep","no-counterpart/game":""}';
  expect(readAnswers(text, 'a.json')).toEqual({
    'no-counterpart': 'remove',
    'no-counterpart/libwine-32.0+x': 'keep',
  });
});

test.each([
  ['{"no-counterpart/game":"stop"}', /“stop” is no answer to no-counterpart\/game; .*: remove, keep\.$/],
  ['{"residual-config/game":"keep"}', /does not ask: residual-config\/game$/],
  ['{"no-counterpart/a/b":"keep"}', /does not ask: no-counterpart\/a\/b$/],
  ['{"no-counterpart/":"keep"}', /does not ask: no-counterpart\/$/],
  ['{"residual-config":', /a\.json is not JSON/],
  ['{"residual":"keep","more":"x"}', /does not ask: residual, more$/],
  ['{"residual-config":true}', /not an object of questions and chosen values/],
  ['["keep"]', /a\.json/],
  ['null', /not an object/],
  ['"keep"', /not an object/],
])('%s is wrong usage', (text, message) => {
  expect(() => readAnswers(text, 'a.json')).toThrow(
    expect.objectContaining({ code: 'CG0004', exitCode: 2, message: expect.stringMatching(message) }),
  );
});

test('a value that no question takes is wrong usage, whether the question is open here or not', () => {
  expect(() => readAnswers('{"residual-config":"keep","no-solution":"keep"}', 'a.json')).toThrow(
    expect.objectContaining({
      code: 'CG0004',
      exitCode: 2,
      message: expect.stringMatching(/no-solution; .*stop, remove\.$/),
    }),
  );
});

test('an answer must be one of the choices; what is not asked does not matter', () => {
  expect(() => checkAnswers({ 'residual-config': 'delete' }, [question])).toThrow(
    expect.objectContaining({ code: 'CG0004', message: expect.stringContaining('keep, purge') }),
  );
  expect(() => checkAnswers({ 'residual-config': 'keep', 'no-counterpart': 'x' }, [question])).not.toThrow();
  expect(() => checkAnswers({}, [question])).not.toThrow();
});
