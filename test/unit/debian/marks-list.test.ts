import { describe, expect, test } from 'vitest';
import { readMarksList } from '../../../src/debian/marks-list.ts';

describe('an older list of marks', () => {
  test('is what apt-mark showauto has printed', () => {
    expect(readMarksList('libc6\nlibstdc++6:i386\nlibc6:i386\n', 'list')).toEqual(['libc6', 'libstdc++6']);
  });

  test('or an extended_states', () => {
    const text =
      'Package: libc6\nArchitecture: i386\nAuto-Installed: 1\n\nPackage: vim\nArchitecture: i386\nAuto-Installed: 0\n';
    expect(readMarksList(text, 'extended_states')).toEqual(['libc6']);
  });

  test.each([
    ['', 'it names none'],
    ['Package: vim\nArchitecture: i386\nAuto-Installed: 0\n', 'it names none'],
    ['<html>', 'no package is called <html>'],
  ])('and nothing else: %j', (text, reason) => {
    expect(() => readMarksList(text, 'FILE')).toThrow(
      expect.objectContaining({ code: 'CG0361', details: [reason], exitCode: 2 }),
    );
  });
});
