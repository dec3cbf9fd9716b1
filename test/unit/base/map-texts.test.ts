import { expect, test } from 'vitest';
import { mapTexts } from '../../../src/base/map-texts.ts';

const loud = (text: string): string => text.replace('b', 'B');

test('what has no text to change is the very same value', () => {
  const value = { a: ['x', 1, null, undefined, { c: 'y' }], d: new Date(0), e: Number.NaN };
  expect(mapTexts(value, loud)).toBe(value);
});

test('only what holds a changed text is another one, and all else in it stays in its order', () => {
  const same = { x: 'a' };
  const value = { first: same, list: ['a', 'b', same, ['b', 3], 'c'], b: { in: 'b' }, last: undefined };
  const changed = mapTexts(value, loud);
  expect(changed).toEqual({ first: same, list: ['a', 'B', same, ['B', 3], 'c'], B: { in: 'B' }, last: undefined });
  expect(Object.keys(changed)).toEqual(['first', 'list', 'B', 'last']);
  expect(changed.first).toBe(same);
  expect(changed.list[2]).toBe(same);
  expect(value.list).toEqual(['a', 'b', same, ['b', 3], 'c']);
});

test('a text alone is changed', () => {
  expect(mapTexts('ab', loud)).toBe('aB');
});
