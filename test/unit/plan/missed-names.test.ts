import { describe, expect, test } from 'vitest';
import type { InstanceKey } from '../../../src/debian/package.ts';
import { missedNames } from '../../../src/plan/missed-names.ts';
import { available, installed, inventoryOf } from '../../support/roots/packages.ts';

describe('of what the target lacks, nobody misses', () => {
  const packages = [
    installed('player:i386', { Depends: 'sse2' }),
    installed('baseline:i386', { Provides: 'sse2 (= 34)', Depends: 'isa:i386' }),
    installed('isa:i386'),
  ];
  const automatic: InstanceKey[] = ['baseline:i386', 'isa:i386'];
  const missed = (target: ReturnType<typeof available>[], marks = automatic, renamed: Record<string, string> = {}) =>
    missedNames(['baseline', 'isa'], inventoryOf(packages, { automatic: new Set(marks) }), target, renamed);

  test('what came because of a name that it provides, and what came because of that', () => {
    // As amd64-baseline-support is sse2-support since Debian 14.
    expect(missed([available('player:amd64')])).toEqual([]);
    expect(missed([available('player-amd64:amd64')], automatic, { player: 'player-amd64' })).toEqual([]);
  });

  test('but what the target’s builds ask for as well', () => {
    expect(missed([available('player:amd64', { Depends: 'other | sse2' })])).toEqual(['baseline', 'isa']);
  });

  test('but what somebody asked for, and what is needed by what is lost', () => {
    expect(missed([available('player:amd64')], ['isa:i386'])).toEqual(['baseline', 'isa']);
    expect(missed([available('other:amd64')])).toEqual(['baseline', 'isa']);
  });
});
