import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Answers, Finding } from '../../../src/base/finding.ts';
import { type Assessment, assess } from '../../../src/check/system/assess.ts';
import { surveyRoot } from '../../../src/check/system/survey-root.ts';
import { openRoot } from '../../../src/machine/open-root.ts';
import { realMachine } from '../../../src/machine/real-machine.ts';
import { checks } from '../../../steps/check/index.ts';
import { packageName, type Repository, serveRepository } from '../../support/roots/repository.ts';
import { type FreshRoot, freshRoot } from '../../support/roots/roots.ts';
import { inRoot } from '../../support/runs/conversion.ts';
import { plentyBytes } from '../../support/runs/faults.ts';

/** One root with every trouble that packages can make, and the report on it. */
let root: FreshRoot;
let directory: string;
let shop: Repository;
const shopList = 'etc/apt/sources.list.d/shop.list';

beforeAll(async () => {
  root = await freshRoot('bookworm-awkward', { memoryBytes: plentyBytes });
  directory = root.directory;
  await succeed(['apt-get', '-qq', '-y', '--no-install-recommends', 'install', 'zsnes']);
  await installLocal();
  shop = await serveRepository(directory, ['i386']);
  const tool = await (await fetch(`${shop.url}/pool/${packageName}_1.0_i386.deb`)).arrayBuffer();
  writeFileSync(join(directory, 'tmp/tool.deb'), Buffer.from(tool));
  await succeed(
    ['dpkg', '--install', '/tmp/tool.deb'],
    ['dpkg', '--remove', 'residual-tool'],
    ['apt-mark', 'hold', 'tzdata'],
    ['dpkg-divert', '--local', '--rename', '--add', '/usr/lib/i386-linux-gnu/libown.so.1'],
    ['dpkg-statoverride', '--add', 'root', 'root', '4755', '/usr/lib/i386-linux-gnu/helper'],
  );
  write(shopList, shop.source);
  edit('etc/apt/sources.list', (text) => text.replace(/^deb (?:\[[^\]]*\] )?/gm, 'deb [arch=i386] '));
  write('etc/apt/preferences.d/old', 'Package: sl:i386\nPin: version 99*\nPin-Priority: 1001\n');
  write('var/lib/dkms/vboxhost/7.0/source', '');
}, 300_000);

afterAll(async () => {
  await shop.close();
  await root.dispose();
});

function write(path: string, content: string): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), content);
}

function edit(path: string, change: (text: string) => string): void {
  write(path, change(readFileSync(join(directory, path), 'utf8')));
}

async function succeed(...commands: readonly (readonly string[])[]): Promise<void> {
  for (const [index, { exitCode, stdout, stderr }] of (await inRoot(directory, ...commands)).entries()) {
    expect(exitCode, `${commands[index]?.join(' ')}\n${stdout}${stderr}`).toBe(0);
  }
}

/** Packages that somebody built, and that no repository has. */
async function installLocal(): Promise<void> {
  const packages: Record<string, string> = {
    'local-game': 'Architecture: i386',
    'local-games': 'Architecture: all\nDepends: local-game, zsnes',
    'local-docs': 'Architecture: all',
    'residual-tool': 'Architecture: i386',
    sl: 'Architecture: i386\nVersion: 99-1local1',
    'linux-image-6.1.0-99-686-pae': 'Architecture: i386',
    'linux-image-686-pae': 'Architecture: i386\nDepends: linux-image-6.1.0-99-686-pae',
  };
  for (const [name, fields] of Object.entries(packages)) {
    const version = fields.includes('Version:') ? '' : 'Version: 1.0\n';
    write(
      `tmp/${name}/DEBIAN/control`,
      `Package: ${name}\n${version}${fields}\nMaintainer: Nobody <nobody@example.org>\nDescription: made here\n`,
    );
    if (name === 'residual-tool') {
      write(`tmp/${name}/etc/residual-tool.conf`, 'colour=red\n');
      write(`tmp/${name}/DEBIAN/conffiles`, '/etc/residual-tool.conf\n');
    }
  }
  const names = Object.keys(packages);
  await succeed(
    ...names.map((name) => ['dpkg-deb', '--build', '--root-owner-group', `/tmp/${name}`, `/tmp/${name}.deb`]),
    ['dpkg', '--install', ...names.map((name) => `/tmp/${name}.deb`)],
  );
}

const assessment = (answers: Answers = {}) => lastAssessment([answers]);

/** Looks again with each of the answers, as a run does when somebody gives them. */
async function lastAssessment(given: readonly Answers[]): Promise<Assessment> {
  const opened = await openRoot(directory, { access: 'read' });
  const machine = realMachine(opened);
  const look = (answers: Answers) =>
    assess(machine, 'amd64', checks, answers, () => () => {}, { lookAround: surveyRoot, forReport: true });
  try {
    for (const answers of given.slice(0, -1)) await look(answers);
    return await look(given.at(-1) ?? {});
  } finally {
    await opened.close();
  }
}

function ofPackages(findings: readonly Finding[]): Record<string, readonly string[]> {
  const own = findings.filter(({ id }) => id.startsWith('packages/'));
  return Object.fromEntries(own.map(({ id, severity, affected }) => [`${id} ${severity}`, affected]));
}

const kernel = /^linux-image-\d\S*-amd64/;

test('the report names every trouble, and who has it', async () => {
  const { findings } = await assessment();
  const { 'packages/added note': added = [], ...found } = ofPackages(findings);
  expect(found).toEqual({
    'packages/repository-without-target blocker': [shop.url],
    'packages/no-solution blocker': ['local-games'],
    'packages/no-counterpart blocker': [packageName, 'local-game', 'zsnes'],
    'packages/residual-config blocker': ['residual-tool:i386'],
    'packages/older-version blocker': [expect.stringMatching(/^sl \(99-1local1 would become /)],
    'packages/dkms-without-headers warning': ['vboxhost'],
    'packages/diversion-old-path warning': ['/usr/lib/i386-linux-gnu/libown.so.1'],
    'packages/stat-override-old-path warning': ['/usr/lib/i386-linux-gnu/helper'],
    'packages/pin-for-source warning': ['/etc/apt/preferences.d/old'],
    'packages/restricted-source note': ['/etc/apt/sources.list'],
    'packages/pinned note': ['sl (version 99*, priority 1001)'],
    'packages/held note': ['tzdata'],
    'packages/version-skew note': [expect.stringMatching(/^ruby-eventmachine /)],
    'packages/shared-files note': [expect.stringMatching(/^libib-util /), expect.stringMatching(/^tumbler /)],
    'packages/obsolete note': ['local-docs'],
    'packages/vanishing note': [
      'linux-image-6.1.0-99-686-pae (a kernel for i386)',
      'linux-image-686-pae (its place is taken by linux-image-amd64)',
    ],
  });
  expect(added).toContain('linux-image-amd64 (in the place of linux-image-686-pae)');
  expect(added.find((one) => kernel.test(one))).toMatch(/ \(linux-image-amd64\)$/);
  const details = findings.map(({ detail }) => detail).join(' ');
  for (const sentence of [
    'local-games needs zsnes, which no repository has for amd64.',
    'zsnes is needed by local-games.',
    `${packageName} and local-game are in no repository at all`,
  ]) {
    expect(details).toContain(sentence);
  }
  await followRemedy(findings, 'packages/repository-without-target');
});

test('triggers that dpkg has put off are found where its database does not tell, and the remedy runs them', async () => {
  await succeed(['dpkg-trigger', '--no-await', '--by-package=bash', 'ldconfig']);
  const { findings } = await assessment();
  const found = findings.find(({ id }) => id === 'packages/unfinished');
  expect(found).toMatchObject({ severity: 'blocker', affected: ['libc-bin (triggers-pending)'] });
  const audit = async () => (await inRoot(directory, ['dpkg', '--audit']))[0]?.stdout;
  expect(await audit()).toContain('libc-bin');
  await followRemedy(findings, 'packages/unfinished');
  expect(await audit()).toBe('');
  expect(ofPackages((await assessment()).findings)).not.toHaveProperty('packages/unfinished blocker');
});

test('a file list that dpkg has lost blocks, and the remedy writes it anew', async () => {
  const info = join(directory, 'var/lib/dpkg/info');
  const lists = ['zlib1g:i386', 'grep', 'debconf'].map((name) => join(info, `${name}.list`));
  const [zlib = '', grep = '', debconf = ''] = lists;
  const before = lists.map((path) => readFileSync(path, 'utf8'));
  rmSync(zlib);
  writeFileSync(grep, '');
  writeFileSync(debconf, (before[2] ?? '').slice(0, -3));
  const { findings } = await assessment();
  expect(findings.find(({ id }) => id === 'packages/file-list-lost')).toMatchObject({
    severity: 'blocker',
    affected: ['debconf:all (damaged)', 'grep:i386 (empty)', 'zlib1g:i386 (missing)'],
  });
  const [audit] = await inRoot(directory, ['dpkg', '--audit']);
  expect(audit?.stdout).toMatch(/missing the list control file[\s\S]*zlib1g:i386/);
  await followRemedy(findings, 'packages/file-list-lost');
  expect(lists.map((path) => readFileSync(path, 'utf8'))).toEqual(before);
  expect(ofPackages((await assessment()).findings)).not.toHaveProperty('packages/file-list-lost blocker');
});

test('what it proposes, and decisions, take the blockers away', async () => {
  const answers = {
    'no-counterpart': 'keep',
    'no-solution': 'remove',
    'residual-config': 'keep',
    downgrade: 'downgrade',
  };
  // As on a terminal: what is found first asks for them.
  const { findings, solved } = await lastAssessment([{}, answers]);
  expect(Object.keys(ofPackages(findings)).filter((key) => key.endsWith(' blocker'))).toEqual([]);
  const becomes = (name: string) => solved?.plan.changes.find((change) => change.name === name)?.change;
  expect(['zsnes', 'local-game', packageName, 'local-games', 'libpng16-16'].map(becomes)).toEqual([
    'kept-foreign',
    'kept-foreign',
    'kept-foreign',
    'vanishing',
    'crossgraded',
  ]);
});

async function followRemedy(findings: readonly Finding[], id: string): Promise<void> {
  const remedies = findings.filter((one) => one.id === id).flatMap((one) => one.remedies);
  const commands = remedies.flatMap((one) => ('command' in one ? [one.command] : []));
  expect(commands).not.toEqual([]);
  await succeed(...commands.map((command) => ['sh', '-c', command]));
}
