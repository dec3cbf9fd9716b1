import { expect, test } from 'vitest';
import {
  copyNames,
  isPart,
  partEndings,
  readArchitectures,
  readListsPlace,
  readPlaces,
  readSourceEntries,
  usualPlaces,
} from '../../../src/apt/apt-places.ts';

test('places are those that apt names, and its usual ones where it names none', () => {
  const said = "sourceList='/srv/my sources'\nsourceParts='/srv/it'\\''s.d/'\n";
  expect(readPlaces(said)).toEqual({
    ...usualPlaces,
    asked: true,
    sourceList: '/srv/my sources',
    sourceParts: "/srv/it's.d",
  });
  expect(readPlaces('')).toEqual(usualPlaces);
});

test('lists are where apt says, in the same answer, as apt itself sees them', () => {
  const said = "tree='/tmp/a/tree'\nlists='/tmp/a/tree/srv/it'\\''s/'\nsourceParts='/dev/null'\n";
  expect(readListsPlace(said)).toBe("/tmp/a/tree/srv/it's/");
  expect(readListsPlace("sourceParts='/dev/null'\n")).toBe('/var/lib/apt/lists');
  expect(readListsPlace("lists=''\n")).toBe('/var/lib/apt/lists');
});

test('of a tree that apt sees from outside, places are those inside', () => {
  const said = "tree='/tmp/a/tree'\nsourceList='/tmp/a/tree/etc/apt/sources.list'\nsourceParts='/dev/null'\n";
  expect(readPlaces(said)).toMatchObject({ sourceList: '/etc/apt/sources.list', sourceParts: '/dev/null' });
  expect(readSourceEntries('/tmp/a/tree/etc/apt/sources.list:2\n', '/tmp/a/tree')).toEqual([
    { file: '/etc/apt/sources.list', place: 2 },
  ]);
});

test('sources and architectures are what apt says', () => {
  const twice = '/etc/apt/sources.list.d/my:repo.list:3\n'.repeat(2);
  expect(readSourceEntries(`${twice}\n`)).toEqual([{ file: '/etc/apt/sources.list.d/my:repo.list', place: 3 }]);
  const dump = 'APT::Architecture=i386\nAPT::Architectures=\nAPT::Architectures::=i386\nAPT::Architectures::=amd64\n';
  expect(readArchitectures(dump)).toEqual({ architectures: ['i386', 'amd64'], tree: '' });
});

test('a copy of each source file has a name of its own, which apt reads in the same format', () => {
  const names = copyNames([
    '/srv/my sources',
    '/etc/apt/sources.list.d/my:repo.list',
    '/etc/apt/sources.list.d/a.b.sources',
    '/etc/apt/a.b.sources',
    '/srv/.hidden.list',
  ]);
  expect([...names.values()]).toEqual([
    'my_sources.list',
    'my:repo.list',
    'a.b.sources',
    '2-a.b.sources',
    '_hidden.list',
  ]);
  for (const name of names.values()) expect(isPart(name, partEndings.sources), name).toBe(true);
});
