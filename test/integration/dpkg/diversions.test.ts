import { copyFileSync, existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Finding } from '../../../src/base/finding.ts';
import type { CheckInput } from '../../../src/check/check.ts';
import { findingsOf } from '../../../src/check/system/assess.ts';
import { surveyRoot } from '../../../src/check/system/survey-root.ts';
import type { ArchitecturePair } from '../../../src/debian/architecture.ts';
import { openRoot } from '../../../src/machine/open-root.ts';
import { realMachine } from '../../../src/machine/real-machine.ts';
import { readFacts } from '../../../src/run/system/read-facts.ts';
import { diversions } from '../../../steps/check/packages/diversions.ts';
import { i386ToAmd64 } from '../../support/recorded/hosts.ts';
import { type FreshRoot, freshRoot } from '../../support/roots/roots.ts';
import { inRoot } from '../../support/runs/conversion.ts';
import { plentyBytes } from '../../support/runs/faults.ts';

let root: FreshRoot;

beforeEach(async () => {
  root = await freshRoot('bookworm-minimal', { memoryBytes: plentyBytes });
}, 300_000);

afterEach(() => root?.dispose());

/** dpkg-deb and apt need it. */
const zlib = '/lib/i386-linux-gnu/libz.so.1';
const at = (path: string) => join(root.directory, path);
const divert = (...words: string[]) => ['dpkg-divert', '--local', ...words];

async function succeed(...commands: readonly (readonly string[])[]): Promise<void> {
  for (const [index, { exitCode, stdout, stderr }] of (await inRoot(root.directory, ...commands)).entries()) {
    expect(exitCode, `${commands[index]?.join(' ')}\n${stdout}${stderr}`).toBe(0);
  }
}

async function findingsOn(pair: ArchitecturePair): Promise<Finding[]> {
  const opened = await openRoot(root.directory, { access: 'read' });
  try {
    const machine = realMachine(opened);
    const facts = await readFacts(machine);
    const survey = await surveyRoot(machine, facts, pair);
    const input: CheckInput = { pair, root: machine.root, facts, answers: {}, aptComplaints: [], survey };
    return findingsOf(diversions, input);
  } finally {
    await opened.close();
  }
}

/** Types each command of the findings, and sees each time that dpkg and apt still work, also when libraries were looked up anew. */
async function follow(findings: readonly Finding[]): Promise<void> {
  const remedies = findings.flatMap((one) => one.remedies);
  const commands = remedies.flatMap((one) => ('command' in one ? [one.command] : []));
  expect(commands).not.toEqual([]);
  await succeed(['ldconfig']);
  for (const command of commands) {
    await succeed(['sh', '-c', command], ['ldconfig'], ['dpkg-deb', '--version'], ['apt-get', '--version']);
  }
}

/** The package's own file, unpacked by dpkg once more. */
async function unpackAgain(): Promise<void> {
  const version = (await inRoot(root.directory, ['dpkg-query', '-W', '-f', '${Version}', 'zlib1g']))[0]?.stdout ?? '';
  const build = at('/tmp/zlib1g');
  mkdirSync(join(build, 'DEBIAN'), { recursive: true });
  mkdirSync(join(build, 'lib/i386-linux-gnu'), { recursive: true });
  writeFileSync(
    join(build, 'DEBIAN/control'),
    `Package: zlib1g\nVersion: ${version}+again\nArchitecture: i386\nMulti-Arch: same\n` +
      'Maintainer: Nobody <nobody@example.org>\nDescription: once more\n',
  );
  copyFileSync(realpathSync(at(zlib)), join(build, zlib));
  writeFileSync(join(build, zlib), 'of the package', { flag: 'a' });
  await succeed(
    ['dpkg-deb', '--build', '--root-owner-group', '/tmp/zlib1g', '/tmp/zlib1g.deb'],
    ['dpkg', '--install', '/tmp/zlib1g.deb'],
    ['ldconfig'],
  );
}

const isOwn = (path: string) => readFileSync(at(path)).subarray(-7).toString() === 'our own';
const isOfPackage = (path: string) => readFileSync(at(path)).subarray(-14).toString() === 'of the package';

/** Works like the package's, and can be told from it. */
function makeOwn(path: string): void {
  copyFileSync(realpathSync(at(zlib)), at(path));
  writeFileSync(at(path), 'our own', { flag: 'a' });
}

test('what was diverted in the old folder is diverted in the new one, and the library is there at each moment', async () => {
  // The other way round, so that the new folder is that of dpkg and apt themselves.
  const back: ArchitecturePair = { ...i386ToAmd64, source: i386ToAmd64.target, target: i386ToAmd64.source };
  const old = zlib.replace('i386', 'x86_64');
  mkdirSync(at(old.slice(0, old.lastIndexOf('/'))), { recursive: true });
  makeOwn(old);
  await succeed(divert('--no-rename', '--divert', `${old}.orig`, '--add', old));
  const findings = await findingsOn(back);
  expect(findings.map(({ id }) => id)).toEqual(['packages/diversion-old-path']);
  makeOwn(`${zlib}.new`);
  await follow(findings);
  expect(await findingsOn(back)).toEqual([]);
  await unpackAgain();
  expect([isOwn(zlib), isOfPackage(`${zlib}.orig`), isOwn(old)]).toEqual([true, true, true]);
});

test('a diversion of another name of the file is told, and mended where it is', async () => {
  const alias = `/usr${zlib}`;
  makeOwn('/tmp/own');
  await succeed(divert('--no-rename', '--divert', `${alias}.orig`, '--add', alias), [
    'cp',
    '-a',
    zlib,
    `${alias}.orig`,
  ]);
  await succeed(['mv', '-T', '/tmp/own', alias]);
  const findings = await findingsOn(i386ToAmd64);
  expect(findings.map(({ id, affected }) => [id, affected])).toEqual([
    ['packages/diversion-without-effect', [`${alias} (dpkg: ${zlib})`]],
  ]);
  await follow(findings);
  expect((await findingsOn(i386ToAmd64)).map(({ id }) => id)).toEqual(['packages/diversion-old-path']);
  await unpackAgain();
  expect([isOwn(alias), isOfPackage(`${alias}.orig`)]).toEqual([true, true]);
});

test('without that, dpkg puts its own file in the place of the administrator’s', async () => {
  const alias = `/usr${zlib}`;
  makeOwn('/tmp/own');
  await succeed(divert('--no-rename', '--divert', `${alias}.orig`, '--add', alias), ['mv', '-T', '/tmp/own', alias]);
  await unpackAgain();
  expect([isOwn(alias), isOfPackage(alias), existsSync(at(`${alias}.orig`))]).toEqual([false, true, false]);
});

test('a new path that is diverted with nothing in its place blocks, and the remedy takes it away', async () => {
  const path = zlib.replace('i386', 'x86_64');
  await succeed(divert('--rename', '--divert', `${path}.orig`, '--add', path));
  const findings = await findingsOn(i386ToAmd64);
  expect(findings).toMatchObject([{ id: 'packages/diversion-empty', severity: 'blocker', affected: [path] }]);
  await follow(findings);
  expect(await findingsOn(i386ToAmd64)).toEqual([]);
});
