import { describe, expect, test } from 'vitest';
import type { Question } from '../../../src/base/finding.ts';
import { type Asked, checkAnswers, readAnswers } from '../../../src/check/answers-file.ts';
import type { TargetSet } from '../../../src/plan/plan.ts';
import { World } from '../../support/recorded/world.ts';

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
  ['{"residual-config":true}', /^a\.json, line 1: the answer to residual-config must be a text in double quotes\.$/],
  ['{\n"no-counterpart/game": {"keep": 1}}', /^a\.json, line 2: the answer to no-counterpart\/game must be a text/],
  ['{"residual-config":nope}', /the answer to residual-config must be a text/],
  ['{\n"residual-config":keep}', /is not JSON: line 2: expected an answer in double quotes, found "keep}"\.$/],
  [
    '{\n"residual-config":"keep"\n"no-counterpart":"keep"}',
    /is not JSON: line 3: expected "," or "}", found ""no-coun/,
  ],
  ['{\n"residual-config":"keep",\n}', /is not JSON: line 3: expected a question in double quotes, found "}"\.$/],
  ["{'residual-config':'keep'}", /line 1: expected a question in double quotes/],
  ['{"residual-config" "keep"}', /line 1: expected ":"/],
  ['{"residual-config":"keep"', /line 1: expected "," or "}", found the end\.$/],
  ['{}\n{}', /is not JSON: line 2: expected nothing more, found "{}"\.$/],
  ['', /is not JSON: line 1: expected "{", found the end\.$/],
  [
    '{"residual-config":"keep",\n"residual-config":"purge"}',
    /answers residual-config twice: “keep” on line 1, “purge” on line 2\.$/,
  ],
  ['{"__proto__/game":"keep"}', /does not ask: __proto__\/game$/],
  ['{"constructor/game":"keep"}', /does not ask: constructor\/game$/],
  ['["keep"]', /not an object/],
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

test('the same answer twice is one', () => {
  expect(readAnswers('{"reboot":"by-hand","reboot":"by-hand"}', 'a.json')).toEqual({ reboot: 'by-hand' });
});

test.each([
  ['{"no-counterprat":"remove"}', /Did you mean no-counterpart\?$/],
  ['{"no-counterprat/game":"keep"}', /Did you mean no-counterpart\/game\?$/],
  ['{"no-counterpart/game:i386":"keep"}', /Did you mean no-counterpart\/game\?$/],
  ['{"colour":"red"}', /Questions are: no-counterpart, /],
])('%s is told what was probably meant', (text, hint) => {
  expect(() => readAnswers(text, 'a.json')).toThrow(
    expect.objectContaining({ code: 'CG0004', hint: expect.stringMatching(hint) }),
  );
});

/** A system of bash, which goes over, and of what has no counterpart. */
function asked(questions: readonly Question[], solved = true): Asked {
  const { facts } = new World('bookworm-minimal').context;
  const bash = { ...facts.inventory.packages.find(({ name }) => name === 'bash'), filename: '', archiveBytes: 0 };
  const target = { packages: [bash], renamed: {}, missing: [] } as unknown as TargetSet;
  return { questions, facts, ...(solved && { solved: { target } }) };
}

const fates: Question = {
  ...question,
  id: 'no-counterpart',
  affected: ['vendor-tool', 'zsnes'],
  choices: ['stop', 'remove', 'keep'].map((value) => ({ value, title: value, consequence: '' })),
};

test('an answer must be one of the choices; what is not asked does not matter', () => {
  expect(() => checkAnswers({ 'residual-config': 'delete' }, asked([question]))).toThrow(
    expect.objectContaining({ code: 'CG0004', message: expect.stringContaining('keep, purge') }),
  );
  expect(() => checkAnswers({ 'residual-config': 'keep', 'no-counterpart': 'x' }, asked([question]))).not.toThrow();
  expect(() => checkAnswers({}, asked([question]))).not.toThrow();
});

test.each([
  [
    'vendor-tol',
    'keep',
    /no-counterpart\/vendor-tol, but there is no such package/,
    /Did you mean no-counterpart\/vendor-tool\?/,
  ],
  ['bash', 'keep', /no-counterpart\/bash, but bash goes over, so there is nothing to decide/, /Take it out/],
  ['tzdata', 'keep', /tzdata is none of the packages that it asks of/, /Take it out/],
  [
    'long-gone',
    'keep',
    /keep long-gone, which is not installed, and remove .*: vendor-tool and zsnes/,
    /If that is right/,
  ],
])('an answer for %s, which the question is not about, is wrong usage', (name, value, message, hint) => {
  const answers = { 'no-counterpart': 'remove', [`no-counterpart/${name}`]: value };
  expect(() => checkAnswers(answers, asked([fates]))).toThrow(
    expect.objectContaining({
      code: 'CG0004',
      exitCode: 2,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    }),
  );
  expect(() => checkAnswers(answers, asked([], false))).not.toThrow();
});

test('an answers file for many hosts may name packages that this one lacks, as long as nothing goes for it', () => {
  const strangers = { 'no-counterpart/long-gone': 'keep' };
  expect(() => checkAnswers({ ...strangers, 'no-counterpart': 'remove' }, asked([]))).not.toThrow();
  expect(() => checkAnswers({ ...strangers, 'no-counterpart': 'keep' }, asked([fates]))).not.toThrow();
  const each = { 'no-counterpart/vendor-tool': 'remove', 'no-counterpart/zsnes': 'remove', 'no-counterpart': 'remove' };
  expect(() => checkAnswers({ ...strangers, ...each }, asked([fates]))).not.toThrow();
  expect(() =>
    checkAnswers({ 'no-counterpart/long-gone': 'remove', 'no-counterpart': 'keep' }, asked([fates])),
  ).not.toThrow();
});

describe('an answer of a version', () => {
  const older: Question = {
    ...question,
    id: 'downgrade',
    affected: ['nano', 'vim'],
    choices: ['stop', 'keep', 'downgrade'].map((value) => ({ value, title: value, consequence: '' })),
  };

  test.each([
    ['bsah', /neither this system nor a repository has such a package/, /Did you mean downgrade\/bash\?/],
    ['no-such-package-at-all', /neither this system nor a repository has such a package/, /Take it out/],
    ['bash', /bash goes over, so there is nothing to decide/, /Take it out/],
  ])('for %s, asked or not, is wrong usage', (name, message, hint) => {
    for (const value of ['keep', 'downgrade']) {
      for (const questions of [[], [older]]) {
        const of = { ...asked(questions), unheardOf: ['bsah', 'no-such-package-at-all'] };
        expect(() => checkAnswers({ [`downgrade/${name}`]: value }, of)).toThrow(
          expect.objectContaining({
            code: 'CG0004',
            message: expect.stringMatching(message),
            hint: expect.stringMatching(hint),
          }),
        );
      }
    }
  });

  test('is for another host, where a repository has the package, unless another one goes down for it', () => {
    const answers = { 'downgrade/htop': 'keep' };
    expect(() => checkAnswers(answers, asked([older]))).not.toThrow();
    expect(() => checkAnswers({ ...answers, downgrade: 'downgrade' }, asked([]))).not.toThrow();
    expect(() => checkAnswers({ ...answers, downgrade: 'downgrade' }, asked([older]))).toThrow(
      expect.objectContaining({
        code: 'CG0004',
        message: expect.stringMatching(/keep htop, which is not installed, and downgrade .*: nano and vim\./),
      }),
    );
  });
});
