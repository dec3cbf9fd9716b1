import { describe, expect, test } from 'vitest';
import type { InstalledPackage } from '../../../src/debian/package.ts';
import { findWay, isTakenOver } from '../../../src/plan/way.ts';
import { standing } from '../../../src/plan/way-words.ts';
import { type HostName, i386ToAmd64, readHost, recordedHosts } from '../../support/recorded/hosts.ts';
import { installed } from '../../support/roots/packages.ts';

/** A recorded host on which the packages that `goes` names have gone over, and their libraries as well. */
function host(name: HostName, goes: (one: InstalledPackage) => boolean, more: readonly InstalledPackage[] = []) {
  const packages = readHost(name).inventory.packages.map((one) =>
    one.architecture === 'i386' && goes(one) ? { ...one, architecture: 'amd64' } : one,
  );
  const nativeArchitecture = packages.find((one) => one.name === 'dpkg')?.architecture ?? '';
  return { nativeArchitecture, packages: [...packages, ...more] };
}

const all = (): boolean => true;
const hello = installed('hello:i386');
const library = installed('libhello1:i386', { 'Multi-Arch': 'same' });
const wordsOf = (inventory: ReturnType<typeof host>): string =>
  standing(inventory, findWay(inventory, 'amd64'), 'amd64').join(' ');

describe.each(recordedHosts)('%s', (name) => {
  test('of the source goes to the target', () => {
    expect(
      findWay(
        host(name, () => false),
        'amd64',
      ),
    ).toMatchObject({ kind: 'open', start: 'source' });
  });

  test('of the target has nowhere to go, also with programs of the source, which are named', () => {
    expect(findWay(host(name, all), 'amd64')).toEqual({ kind: 'there', kept: [] });
    const kept = host(name, all, [hello, library]);
    expect(findWay(kept, 'amd64')).toMatchObject({ kind: 'there', kept: [hello, library] });
    expect(wordsOf(kept)).toMatch(/^This system is amd64 already\. It keeps programs of i386.*: hello:i386\./);
  });

  test('of the target, with libraries and kernels of the source, is to be finished', () => {
    const kernel = installed('linux-image-6.1.0-50-686:i386');
    const left = host(name, all, [library, kernel]);
    expect(findWay(left, 'amd64')).toMatchObject({ kind: 'open', start: 'leftovers' });
    expect(wordsOf(left)).toBe('This system is amd64; of i386 2 libraries are left that no package needs.');
  });

  test('with packages of the target that dpkg has not finished with is gone on with; their triggers alone are none', () => {
    const torn = (...states: readonly string[]) =>
      host(
        name,
        () => false,
        states.map((state) => installed('tool:amd64', { Status: `install ok ${state}` })),
      );
    for (const state of ['unpacked', 'half-configured', 'half-installed']) {
      const inventory = torn(state);
      expect(findWay(inventory, 'amd64')).toMatchObject({ kind: 'open', start: 'torn' });
      expect(isTakenOver(inventory, i386ToAmd64)).toBe(true);
      expect(wordsOf(inventory)).toBe(
        'A crossgrade was begun by other means, and dpkg has not finished with tool:amd64.',
      );
    }
    for (const state of ['installed', 'triggers-pending']) {
      expect(findWay(torn(state), 'amd64')).toMatchObject({ kind: 'open', start: 'source' });
      expect(isTakenOver(torn(state), i386ToAmd64)).toBe(false);
    }
  });

  test('with another dpkg, apt and tar than the rest is gone on with', () => {
    const mix = host(name, (one) => one.multiArch === 'same' || ['dpkg', 'apt', 'tar'].includes(one.name));
    expect(findWay(mix, 'amd64')).toMatchObject({ kind: 'open', start: 'mixed', pair: { source: { name: 'i386' } } });
    expect(wordsOf(mix)).toMatch(/^A crossgrade was begun by other means: dpkg is amd64, and \d+ packages are i386\.$/);
  });
});

describe('a system whose vital packages have all gone over', () => {
  test('is gone on with where one of its own packages needs a program of the source', () => {
    const needing = installed('tool:all', { Depends: 'hello' });
    expect(findWay(host('bookworm-minimal', all, [hello, needing]), 'amd64')).toMatchObject({ start: 'mixed' });
  });

  test('is gone on with where one of its own packages has a program of the source alone, and not of its choice', () => {
    const foreign = installed('hello:i386', { 'Multi-Arch': 'foreign' });
    const needing = (needs: string) =>
      findWay(
        host('bookworm-minimal', all, [foreign, installed('tool:all', needs === '' ? {} : { Depends: needs })]),
        'amd64',
      );
    expect(needing('hello')).toMatchObject({ kind: 'open', start: 'mixed' });
    for (const needs of ['', 'hello-new | hello', 'other | hello'])
      expect(needing(needs)).toMatchObject({ kind: 'there' });
  });

  test('is finished where what needs it is of the source, too, or may have either', () => {
    const needing = installed('tool:i386', { Depends: 'hello' });
    const either = installed('other:all', { Depends: 'hello:any' });
    const allowed = installed('hello:i386', { 'Multi-Arch': 'allowed' });
    expect(findWay(host('bookworm-minimal', all, [hello, needing]), 'amd64')).toMatchObject({ kind: 'there' });
    expect(findWay(host('bookworm-minimal', all, [allowed, either]), 'amd64')).toMatchObject({ kind: 'there' });
  });

  test('has what its own crossgrade has kept, and nothing is left over of it', () => {
    const there = host('bookworm-minimal', all, [library]);
    expect(findWay(there, 'amd64', new Set(['libhello1:i386']))).toMatchObject({ kind: 'there', kept: [library] });
    const more = { ...there, packages: [...there.packages, installed('libnew1:i386', { 'Multi-Arch': 'same' })] };
    expect(findWay(more, 'amd64', new Set(['libhello1:i386']))).toMatchObject({ start: 'leftovers' });
  });
});
