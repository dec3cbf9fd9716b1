import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errorTexts } from '../../../src/cli/words/error-texts.ts';

const source = new URL('../../../src/', import.meta.url);

/** One thing, found in two places. */
const foundTwice: Readonly<Record<string, string>> = {
  CG0102: 'a field of a package is missing, or cannot be read',
  CG0310: 'another crossgrade works on the root: seen by its lock, or by its namespaces',
  CG0401: 'the folder for a sandbox cannot be used',
};

function placesByCode(): Map<string, string[]> {
  const places = new Map<string, string[]>();
  for (const file of readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  )) {
    for (const [line] of readFileSync(new URL(file, source), 'utf8').matchAll(/\bcode: .*'CG\d{4}'.*/g)) {
      for (const [code] of line.matchAll(/CG\d{4}/g)) places.set(code, [...(places.get(code) ?? []), file]);
    }
  }
  return places;
}

test('each error code is used for one thing only', () => {
  const places = placesByCode();
  const repeated = [...places].filter(([, files]) => files.length > 1).map(([code]) => code);
  expect(places.size).toBeGreaterThan(50);
  expect(repeated.sort()).toEqual(Object.keys(foundTwice));
});

test('each error code can be explained, and no other one', () => {
  const onScreen = ['CG9999'];
  const used = [...placesByCode().keys(), ...onScreen].sort();
  expect(Object.keys(errorTexts), 'src/cli/words/error-texts.ts has each, in order').toEqual(used);
  for (const [code, { title, text }] of Object.entries(errorTexts)) {
    expect(title, code).toMatch(/^\S.*[^.]$/);
    expect(text, code).toMatch(/^\S.*\.$/);
  }
});
