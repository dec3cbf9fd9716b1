import { appendFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { assess } from '../../../src/check/system/assess.ts';
import { openRecordedHost } from '../../../src/machine/recorded-host.ts';
import { checks } from '../../../steps/check/index.ts';
import { makePlace, removePlace } from '../../support/roots/roots.ts';

/** An arch:all package of an older version of mawk, which no repository has, and with which the target's mawk cannot be. */
const recorded = fileURLToPath(new URL('../../../fixtures/recorded/bookworm-minimal', import.meta.url));
let place: string;
let count = 0;
let directory: string;

beforeAll(async () => {
  place = await makePlace();
});

afterAll(() => removePlace(place));

beforeEach(() => {
  count += 1;
  directory = join(place, `${count}`);
  cpSync(recorded, directory, { recursive: true });
  writeFileSync(path('var/lib/dpkg/status'), gunzipSync(readFileSync(path('var/lib/dpkg/status.gz'))));
  rmSync(path('var/lib/dpkg/status.gz'));
});

const path = (file: string): string => join(directory, 'tree', file);

function install(name: string, status = 'Status: install ok installed'): void {
  const fixed = [
    `Package: ${name}`,
    status,
    'Architecture: all',
    'Version: 1',
    'Maintainer: Nobody <nobody@example.org>',
    'Description: made here',
  ];
  appendFileSync(path('var/lib/dpkg/status'), `\n${fixed.join('\n')}\n`);
}

function makeMawkNeed(names: string): void {
  const status = readFileSync(path('var/lib/dpkg/status'), 'utf8');
  writeFileSync(
    path('var/lib/dpkg/status'),
    status.replace(/^Package: mawk\n(?:.+\n)*?(?:Pre-)?Depends: /m, `$&${names}, `),
  );
}

const cameByItself = (name: string) =>
  appendFileSync(path('var/lib/apt/extended_states'), `Package: ${name}\nArchitecture: i386\nAuto-Installed: 1\n\n`);

async function report() {
  const { machine, close } = openRecordedHost(directory);
  try {
    return await assess(machine, 'amd64', checks, {}, () => () => {}, { forReport: true, offline: true });
  } finally {
    await close();
  }
}

function makeTargetMawkBreak(name: string): void {
  const list = path('var/lib/apt/lists/mirror.example_debian_dists_bookworm_main_binary-amd64_Packages.gz');
  const text = gunzipSync(readFileSync(list)).toString();
  writeFileSync(list, gzipSync(text.replace(/^Package: mawk\n/m, `$&Breaks: ${name}\n`)));
}

test('goes where it came by itself and nothing needs it any more, and what else came so stays', async () => {
  install('old-data');
  install('other-data');
  makeMawkNeed('old-data, other-data');
  makeTargetMawkBreak('old-data');
  cameByItself('old-data');
  cameByItself('other-data');
  const { findings, solved } = await report();
  expect(findings.filter(({ id }) => id === 'packages/no-solution')).toEqual([]);
  expect(findings.find(({ id }) => id === 'packages/vanishing')?.affected).toContainEqual(
    expect.stringMatching(/^old-data \(it came by itself, nothing needs it any more, and it cannot be installed/),
  );
  expect(Object.keys(solved?.plan.endState ?? {})).toEqual(expect.arrayContaining(['mawk:amd64', 'other-data:all']));
  expect(solved?.problems).toEqual([]);
});

test('is told with its own reason where something else is to blame as well', async () => {
  install('old-data');
  install('wanted-data', 'Depends: what-nobody-has\nStatus: install ok installed');
  makeMawkNeed('old-data');
  makeTargetMawkBreak('old-data');
  cameByItself('old-data');
  const { findings, solved } = await report();
  expect(findings.find(({ id }) => id === 'packages/no-solution')?.affected).toEqual(['wanted-data']);
  const reasons = new Map(solved?.plan.changes.map(({ name, reason }) => [name, reason]));
  expect(reasons.get('old-data')).toMatch(/^it came by itself, nothing needs it any more/);
  expect(reasons.get('wanted-data')).toBe('it cannot be installed together with the rest');
});

test.each([
  ['is on hold', 'Status: hold ok installed'],
  ['is protected', 'Protected: yes\nStatus: install ok installed'],
])('is a decision where it came by itself, and %s', async (_, status) => {
  install('old-data', status);
  makeMawkNeed('old-data');
  makeTargetMawkBreak('old-data');
  cameByItself('old-data');
  const { findings, solved } = await report();
  expect(findings.find(({ id }) => id === 'packages/no-solution')?.severity).toBe('blocker');
  expect(solved?.target.givenUp?.['old-data'] ?? '').not.toMatch(/it came by itself/);
});

test('is a decision where somebody wants it', async () => {
  install('old-data');
  makeMawkNeed('old-data');
  makeTargetMawkBreak('old-data');
  const { findings } = await report();
  expect(findings.find(({ id }) => id === 'packages/no-solution')?.severity).toBe('blocker');
});

test('stays where it stands in nothing’s way', async () => {
  install('old-data');
  makeMawkNeed('old-data');
  cameByItself('old-data');
  const { solved } = await report();
  expect(solved?.plan.endState).toHaveProperty('old-data:all', '1');
});
